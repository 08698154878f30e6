package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openapitools.codegen.DefaultGenerator;
import org.openapitools.codegen.config.CodegenConfigurator;

/** A client generated from docs/openapi.yaml compiles and works. */
@Timeout(300)
class GeneratedClientTest {

    private static final Path PROGRAM = Path.of("src/test/resources/openapi/FirstSteps.java");
    private static final String KEY = TwoAccounts.adminKey("acme");

    /** Needs no generator, which takes long. */
    @Test
    void the_program_uses_operations_and_schemas_that_the_document_has() throws Exception {
        JsonNode document = ApiDocument.ofRepository().root();
        String program = Files.readString(PROGRAM);
        Set<String> called = all("\\.(\\w+)\\(", program);
        called.retainAll(document.get("paths").findValuesAsText("operationId"));
        assertEquals(
                Set.of(
                        "createConnection",
                        "createOAuthClient",
                        "createWebhook",
                        "listDeliveries",
                        "sendEvents",
                        "showWebhook",
                        "testConnection",
                        "testOAuthClient"),
                called);
        for (String model : all("openapitools\\.client\\.model\\.(\\w+);", program)) {
            assertTrue(document.at("/components/schemas").has(model), model);
        }
    }

    /** The generator omits imports from unions of a TypeScript client that have a discriminator. */
    @Test
    void unions_need_no_discriminator() throws Exception {
        assertEquals(List.of(), ApiDocument.ofRepository().root().findParents("discriminator"));
    }

    @Tag("slow")
    @Test
    void a_generated_typescript_client_imports_every_name_that_it_uses(@TempDir Path folder) throws Exception {
        generate("typescript-fetch", "", folder);
        Set<String> missing = new TreeSet<>();
        try (Stream<Path> files = Files.walk(folder.resolve("models"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file);
                Set<String> used = all("\\b(\\w+(?:From|To)JSON(?:Typed)?)\\(", text);
                used.removeAll(all("export function (\\w+)\\(", text));
                used.removeIf(name -> Pattern.compile("\\b" + name + "\\b")
                        .matcher(imports(text))
                        .find());
                used.forEach(name -> missing.add(file.getFileName() + ": " + name));
            }
        }
        assertEquals(Set.of(), missing);
    }

    private static String imports(String typescript) {
        return Pattern.compile("import[^;]*;")
                .matcher(typescript)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.joining());
    }

    private static Set<String> all(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Tag("slow")
    @Test
    void a_program_with_a_generated_java_client_sets_up_a_connection_an_oauth_client_and_webhooks(@TempDir Path folder)
            throws Exception {
        generate("java", "native", folder);
        List<Path> sources;
        try (Stream<Path> files = Files.walk(folder.resolve("src/main/java"))) {
            sources = Stream.concat(files, Stream.of(PROGRAM))
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
        }
        Path classes = folder.resolve("classes");
        assertEquals(List.of(), compile(sources, classes));
        try (RunningProduct product = RunningProduct.shared(TwoAccounts.ONLY_ACME);
                SalesforceStandIn salesforce = SalesforceStandIn.start();
                StrictTokenServer tokens = new StrictTokenServer("webhooks", "a-secret", StrictTokenServer.Way.BASIC);
                Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
                URLClassLoader loader = new URLClassLoader(
                        new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            Class<?> program = loader.loadClass("FirstSteps");
            String api = product.url("").toString();
            program.getMethod("configure", String.class, String.class, Map.class)
                    .invoke(
                            null,
                            api,
                            product.key(KEY),
                            Map.of(
                                    "salesforce", salesforce.url().toString(),
                                    "consumerKey", SalesforceStandIn.CLIENT_ID,
                                    "consumerSecret", SalesforceStandIn.CLIENT_SECRET,
                                    "tokens", tokens.url().toString(),
                                    "receiver", receiver.url().toString()));
            product.awaitDeliveries(KEY, "4711", 2, "delivered");
            assertEquals(
                    List.of("calls as tasks: delivered", "calls to the CRM: delivered"),
                    program.getMethod("states", String.class, String.class).invoke(null, api, product.key(KEY)));
            assertEquals(
                    "Call 914022177",
                    salesforce.records().get(0).fields().path("Subject").asText());
            assertEquals("{\"call\": \"914022177\"}", receiver.requests().get(0).body());
        }
    }

    static void generate(String generator, String library, Path folder) {
        new DefaultGenerator()
                .opts(new CodegenConfigurator()
                        .setInputSpec(Path.of("docs", "openapi.yaml").toString())
                        .setGeneratorName(generator)
                        .setLibrary(library)
                        .setOutputDir(folder.toString())
                        .setAdditionalProperties(Map.of(
                                "openApiNullable", "false", "useJakartaEe", "true", "hideGenerationTimestamp", "true"))
                        // all but "webhooks": with a body these do not compile in TypeScript and Python (7.14.0)
                        .addGlobalProperty("apis", "")
                        .addGlobalProperty("models", "")
                        .addGlobalProperty("supportingFiles", "")
                        .addGlobalProperty("apiTests", "false")
                        .addGlobalProperty("modelTests", "false")
                        .addGlobalProperty("apiDocs", "false")
                        .addGlobalProperty("modelDocs", "false")
                        .toClientOptInput())
                .generate();
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
