// Opens each file in Kaoto and saves it, without a browser: npm ci && node save.mjs FILE…
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';

// what only Kaoto's pages call is left empty
const withoutPages = {
  name: 'without-pages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]|\.(s?css|svg|png)$/ }, ({ path, importer }) =>
      importer.includes('@kaoto') && !/^(lodash|yaml)\b/.test(path) ? { path, namespace: 'page' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'page' }, () => ({
      contents: 'exports.isDefined = (value) => value != null; exports.v4 = () => "";',
    }));
  },
};
const { outputFiles } = await build({
  stdin: {
    contents: "export * from './node_modules/@kaoto/kaoto/lib/models/camel/camel-resource-factory.js'",
    resolveDir: import.meta.dirname,
  },
  banner: { js: 'globalThis.DOMParser = globalThis.XMLSerializer = class {};' },
  bundle: true,
  format: 'esm',
  plugins: [withoutPages],
  write: false,
});
const { CamelResourceFactory } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);

for (const path of process.argv.slice(2)) {
  const resource = CamelResourceFactory.createCamelResource(readFileSync(path, 'utf8'), { path });
  await resource.initialize();
  if (resource.getVisualEntities().length === 0) throw new Error(`${path}: Kaoto shows nothing of it`);
  writeFileSync(path, await resource.toSourceCode());
}
