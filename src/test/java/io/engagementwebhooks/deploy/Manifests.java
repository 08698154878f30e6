package io.engagementwebhooks.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** Manifests as they lie in deploy/, and a patch laid over one as Kustomize does it: by name, null takes away. */
final class Manifests {

    static final Path FOLDER = Path.of("deploy");

    private Manifests() {}

    static Map<String, Object> at(String path) {
        return map(new Yaml().load(text(path)));
    }

    static String text(String path) {
        try {
            return Files.readString(FOLDER.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) {
        return value == null ? List.of() : (List<Object>) value;
    }

    /** A value at a path of names and indexes. */
    static Object in(Object manifest, Object... path) {
        Object found = manifest;
        for (Object step : path) {
            found = step instanceof Integer index
                    ? list(found).get(index)
                    : map(found).get(step);
        }
        return found;
    }

    static Object patched(Object base, Object patch) {
        if (base instanceof Map && patch instanceof Map) {
            Map<String, Object> merged = new LinkedHashMap<>(map(base));
            map(patch).forEach((name, value) -> {
                if (value == null) {
                    merged.remove(name);
                } else {
                    merged.put(name, patched(merged.get(name), value));
                }
            });
            return merged;
        }
        if (base instanceof List && patch instanceof List && hasNames(patch) && hasNames(base)) {
            Map<Object, Object> byName = new LinkedHashMap<>();
            list(base).forEach(each -> byName.put(map(each).get("name"), each));
            list(patch).forEach(each -> byName.merge(map(each).get("name"), each, Manifests::patched));
            return new ArrayList<>(byName.values());
        }
        return patch;
    }

    private static boolean hasNames(Object list) {
        return list(list).stream()
                .allMatch(each -> each instanceof Map && map(each).containsKey("name"));
    }
}
