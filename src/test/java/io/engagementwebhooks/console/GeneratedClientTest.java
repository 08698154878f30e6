package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openapitools.codegen.DefaultGenerator;
import org.openapitools.codegen.config.CodegenConfigurator;

/** A client that is made of docs/openapi.yaml by the usual generator compiles, so that the document can be worked with. */
@Timeout(300)
class GeneratedClientTest {

    @Test
    void a_java_client_that_is_generated_from_the_document_compiles(@TempDir Path folder) throws IOException {
        new DefaultGenerator()
                .opts(new CodegenConfigurator()
                        .setInputSpec(Path.of("docs", "openapi.yaml").toString())
                        .setGeneratorName("java")
                        .setLibrary("native")
                        .setOutputDir(folder.toString())
                        .setAdditionalProperties(Map.of(
                                "openApiNullable", "false", "useJakartaEe", "true", "hideGenerationTimestamp", "true"))
                        .addGlobalProperty("apiTests", "false")
                        .addGlobalProperty("modelTests", "false")
                        .addGlobalProperty("apiDocs", "false")
                        .addGlobalProperty("modelDocs", "false")
                        .toClientOptInput())
                .generate();
        List<Path> sources;
        try (Stream<Path> files = Files.walk(folder.resolve("src/main/java"))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertTrue(sources.stream().anyMatch(file -> file.endsWith("WebhooksApi.java")), () -> "generated: " + sources);
        assertEquals(List.of(), compile(sources, folder.resolve("classes")));
    }

    private static List<String> compile(List<Path> sources, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        Files.createDirectories(classes);
        try (StandardJavaFileManager files = compiler.getStandardFileManager(found, Locale.ROOT, null)) {
            compiler.getTask(
                            null,
                            files,
                            found,
                            List.of(
                                    "-d",
                                    classes.toString(),
                                    "-proc:none",
                                    "-classpath",
                                    System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjectsFromPaths(sources))
                    .call();
        }
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getMessage(Locale.ROOT) + " at " + diagnostic.getSource() + ":"
                        + diagnostic.getLineNumber())
                .limit(10)
                .toList();
    }
}
