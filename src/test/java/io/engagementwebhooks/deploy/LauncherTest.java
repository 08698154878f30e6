package io.engagementwebhooks.deploy;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.EngagementWebhooks;
import io.engagementwebhooks.testkit.Budget;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Patience;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code bin/engagement-webhooks} makes a class-data archive and uses it, and is {@code java -jar} in all else. Most of it is shown
 * with a {@code java} that writes down how it was called.
 */
@Timeout(1200)
class LauncherTest {

    private static final String LAUNCHER = "engagement-webhooks";
    private static final String JAVA =
            """
            #!/bin/sh
            here=$(dirname "$0")
            for each; do
              case $each in
                -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*)
                  echo "$each" >>"$here/trials"
                  [ ! -e "$here/broken" ] || exit 1
                  [ ! -p "$here/gate" ] || read -r opened <"$here/gate"
                  echo made >"${each#*=}"
                  exit ;;
              esac
            done
            printf '%s\\n' "$@"
            """;

    private static final String PARALLEL = "-XX:+UseParallelGC";
    private static final String MORE_OFTEN = "-XX:GCTimeRatio=15";

    /** The archive is made at low priority, which gets little of a busy machine. */
    private static final Duration BESIDE_OTHERS = Duration.ofMinutes(12);

    @TempDir
    Path temporary;

    private Path home;
    private Path jdk;
    private Path cache;

    @BeforeEach
    void install() throws IOException {
        // a blank in the path, as people have
        installIn("the product");
        Files.writeString(jar(), "a jar");
        jdk = temporary.resolve("jdk");
        Files.createDirectories(jdk.resolve("bin"));
        Path java = Files.writeString(jdk.resolve("bin").resolve("java"), JAVA);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        cache = temporary.resolve("the cache");
    }

    private void installIn(String name) throws IOException {
        home = Files.createDirectories(temporary.resolve(name));
        Files.createDirectories(home.resolve("bin"));
        Files.copy(Path.of("bin", LAUNCHER), home.resolve("bin").resolve(LAUNCHER));
    }

    private Path jar() {
        return home.resolve("engagement-webhooks.jar");
    }

    private record Ended(int code, List<String> lines) {}

    private ProcessBuilder command(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", home.resolve("bin").resolve(LAUNCHER).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(temporary.toFile()).redirectErrorStream(true);
        builder.environment().remove("JAVA_OPTS");
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("ENGAGEMENT_WEBHOOKS_CACHE", cache.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    private Ended run(Map<String, String> environment, String... arguments) throws Exception {
        Process process = command(environment, arguments).start();
        List<String> lines =
                new String(process.getInputStream().readAllBytes()).lines().toList();
        return new Ended(process.waitFor(), lines);
    }

    private Ended run(String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    private List<Path> archives() {
        if (!Files.isDirectory(cache)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(cache)) {
            return files.filter(file -> file.toString().endsWith(".jsa")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int trials() throws IOException {
        Path file = jdk.resolve("bin").resolve("trials");
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    private static List<String> given(String... others) {
        return Stream.concat(
                        Stream.of(
                                "-XX:+ExitOnOutOfMemoryError",
                                "-XX:Tier4InvocationThreshold=40000",
                                "-XX:Tier4MinInvocationThreshold=4800",
                                "-XX:Tier4CompileThreshold=120000",
                                "-XX:Tier4BackEdgeThreshold=320000"),
                        Stream.of(others))
                .toList();
    }

    private static String archiveOf(Ended ended) {
        return ended.lines().stream()
                .filter(line -> line.startsWith("-XX:SharedArchiveFile="))
                .map(line -> line.substring("-XX:SharedArchiveFile=".length()))
                .findFirst()
                .orElse("none");
    }

    private void runUntilArchived(int archives) throws Exception {
        assertEquals("none", archiveOf(run()));
        await().until(() -> archives().size() == archives);
    }

    @Test
    void the_first_run_makes_an_archive_and_the_next_uses_it() throws Exception {
        runUntilArchived(1);
        assertEquals(archives().get(0).toString(), archiveOf(run()));
        assertEquals(1, trials());
    }

    @Test
    void from_jdk_25_on_the_archive_is_an_aot_cache() throws Exception {
        Files.writeString(jdk.resolve("release"), "JAVA_RUNTIME_VERSION=\"25.0.3+9-LTS\"\nJAVA_VERSION=\"25.0.3\"\n");
        runUntilArchived(1);
        List<String> options = run().lines();
        assertTrue(options.contains("-XX:AOTCache=" + archives().get(0)), options::toString);
        assertTrue(options.contains("-Xlog:aot=off"), options::toString);
        assertEquals("none", archiveOf(run()));
    }

    @Test
    void an_archive_beside_the_jar_is_used_instead() throws Exception {
        Path archive = Files.writeString(home.resolve("engagement-webhooks.jsa"), "an archive");
        assertEquals(archive.toString(), archiveOf(run()));
        assertEquals(archive.toString(), archiveOf(run(Map.of("ENGAGEMENT_WEBHOOKS_CACHE", ""))));
        assertEquals(0, trials());
    }

    @Test
    void arguments_and_options_are_those_of_java_jar() throws Exception {
        assertEquals(
                new Ended(
                        0,
                        given(PARALLEL, MORE_OFTEN, "-Xmx1g", "-Da=b", "-jar", jar().toString(), "--backup", "a file")),
                run(Map.of("JAVA_OPTS", "-Xmx1g -Da=b"), "--backup", "a file"));
        assertEquals(0, trials(), "only what runs the product is worth an archive");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmx2g", "-Xms1g", "-XX:MaxRAMPercentage=50", "-XX:MaxHeapSize=1g"})
    void sizes_of_the_heap_take_the_place_of_the_launchers_and_keep_its_collector(String option) throws Exception {
        assertEquals(
                given(PARALLEL, MORE_OFTEN, option, "-jar", jar().toString(), "--check"),
                run(Map.of("JAVA_OPTS", option), "--check").lines());
    }

    @Test
    void a_collector_takes_the_place_of_the_launchers_and_of_its_sizes() throws Exception {
        assertEquals(
                given("-XX:+UseZGC", "-jar", jar().toString(), "--check"),
                run(Map.of("JAVA_OPTS", "-XX:+UseZGC"), "--check").lines());
    }

    /** Two collectors would end the start. */
    @ParameterizedTest
    @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"})
    void a_collector_for_all_of_java_takes_the_place_of_the_launchers(String variable) throws Exception {
        assertEquals(
                given("-Xmx4g", "-jar", jar().toString(), "--check"),
                run(Map.of(variable, "-XX:+UseG1GC", "JAVA_OPTS", "-Xmx4g"), "--check")
                        .lines());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dnote=-Xmx1g",
                "-Xlog:gc",
                "-XX:ProfiledCodeHeapSize=100m",
                "-XX:+UseAdaptiveSizePolicy -Xlog:gc,GC"
            })
    void other_options_keep_the_launchers(String options) throws Exception {
        List<String> given = run(Map.of("JAVA_OPTS", options), "--check").lines();
        assertTrue(given.containsAll(List.of("-Xmx704m", "-XX:MaxNewSize=352m")), given.toString());
        assertTrue(given.containsAll(List.of(options.split(" "))), given.toString());
    }

    @Test
    void a_size_of_the_young_generation_takes_the_place_of_the_launchers() throws Exception {
        List<String> given = run(Map.of("JAVA_OPTS", "-Xmn96m"), "--check").lines();
        assertTrue(given.contains("-Xmx704m"), given.toString());
        assertTrue(given.stream().noneMatch(option -> option.contains("NewSize")), given.toString());
    }

    @Test
    void jars_in_a_folder_lib_beside_the_jar_are_on_the_class_path_behind_it() throws Exception {
        Path lib = Files.createDirectories(home.resolve("lib"));
        Files.writeString(lib.resolve("component.jar"), "a jar");
        assertEquals(
                given(
                        PARALLEL,
                        MORE_OFTEN,
                        "-Xmx1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        jar() + ":" + lib + "/*",
                        EngagementWebhooks.class.getName(),
                        "--backup",
                        "a file"),
                run(Map.of("JAVA_OPTS", "-Xmx1g"), "--backup", "a file").lines());
    }

    @Test
    void another_jar_gets_another_archive_and_that_of_the_one_before_goes() throws Exception {
        runUntilArchived(1);
        Path before = archives().get(0);
        Files.writeString(jar(), "another jar");
        Files.setLastModifiedTime(jar(), FileTime.fromMillis(0));
        assertEquals("none", archiveOf(run()));
        await().until(() -> archives().size() == 1 && !archives().get(0).equals(before));
    }

    @Test
    void an_archive_that_cannot_be_made_is_tried_again_after_a_day() throws Exception {
        Path broken = Files.createFile(jdk.resolve("bin").resolve("broken"));
        runUntilArchived(1);
        assertEquals("none", archiveOf(run()));
        assertEquals(1, trials());

        Files.delete(broken);
        Files.setLastModifiedTime(archives().get(0), FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        assertEquals("none", archiveOf(run()));
        await().until(() -> Files.size(archives().get(0)) > 0);
        assertEquals(archives().get(0).toString(), archiveOf(run()));
    }

    @Test
    void starts_in_a_row_make_one_archive() throws Exception {
        Path gate = jdk.resolve("bin").resolve("gate");
        assertEquals(0, new ProcessBuilder("mkfifo", gate.toString()).start().waitFor());
        for (int i = 0; i < 3; i++) {
            assertEquals("none", archiveOf(run()));
            await().until(() -> trials() > 0);
        }
        Files.writeString(gate, "opened\n");
        await().until(() -> archives().size() == 1);
        assertEquals(1, trials());
    }

    @Test
    void it_is_silent_where_it_may_not_write() throws Exception {
        Path file = Files.createFile(temporary.resolve("a file"));
        List<String> plain = given(
                "-Xms128m",
                "-Xmx704m",
                PARALLEL,
                MORE_OFTEN,
                "-XX:NewSize=64m",
                "-XX:MaxNewSize=352m",
                "-XX:InitialSurvivorRatio=3",
                "-jar",
                jar().toString());
        for (String unusable : List.of(file.resolve("cache").toString(), "")) {
            assertEquals(new Ended(0, plain), run(Map.of("ENGAGEMENT_WEBHOOKS_CACHE", unusable)));
        }
        assertEquals(0, trials());
    }

    @Test
    void what_is_missing_is_named() throws Exception {
        Files.delete(jar());
        assertEquals(
                new Ended(
                        1,
                        List.of("engagement-webhooks: there is no jar in " + home
                                + "; build it with ./mvnw package, or set ENGAGEMENT_WEBHOOKS_JAR to it")),
                run());
        assertEquals(
                new Ended(
                        1,
                        List.of(
                                "engagement-webhooks: there is no java; install a JDK 17 or later, or set JAVA_HOME to one")),
                run(Map.of("JAVA_HOME", temporary.resolve("nowhere").toString())));
    }

    // --- with a real JVM

    @Test
    @Tag("slow")
    void the_jvm_takes_classes_from_the_archive_and_gets_signals() throws Exception {
        jdk = Path.of(System.getProperty("java.home"));
        // JDK 17 archives no class of a jar whose path has a blank
        installIn("product");
        writeJar();
        start("");
        await().atMost(BESIDE_OTHERS)
                .until(() -> archives().size() == 1 && Files.size(archives().get(0)) > 0);
        Path loaded = temporary.resolve("loaded");
        // -Xshare:on: a JVM that cannot use the archive ends
        start("-Xshare:on -Xlog:class+load:file=" + loaded);
        assertTrue(
                Files.readAllLines(loaded).stream()
                        .anyMatch(line ->
                                line.contains(EngagementWebhooks.class.getName() + " source: shared objects file")),
                "classes of ours come from the archive");
        aComponentInLibIsFound();
    }

    /** Beside the archive, which the JVM would not take for another class path than its own and more. */
    private void aComponentInLibIsFound() throws Exception {
        Path routes = Files.createDirectories(temporary.resolve("routes"));
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                routes.resolve("50-greet.camel.yaml"),
                "- route: {id: greet-world, from: {uri: \"direct:greet\", steps: [{to: {uri: \"greeting:world\"}}]}}\n");
        Map<String, String> shared = Map.of("JAVA_OPTS", "-Xshare:on");
        Ended without = run(shared, "--check");
        assertEquals(1, without.code(), without::toString);
        assertTrue(without.lines().toString().contains("greeting"), without::toString);

        Path lib = Files.createDirectories(home.resolve("lib"));
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(lib.resolve("greeting.jar")))) {
            String name = GreetingComponent.class.getName();
            for (String inner : List.of("", "$1", "$1$1")) {
                String resource = (name + inner).replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(resource));
                jar.write(getClass().getResourceAsStream("/" + resource).readAllBytes());
            }
            jar.putNextEntry(new JarEntry("META-INF/services/org/apache/camel/component/greeting"));
            jar.write(("class=" + name).getBytes(StandardCharsets.US_ASCII));
        }
        Ended with = run(shared, "--check");
        assertEquals(0, with.code(), with::toString);
    }

    /** Starts the product, waits until it is ready, and ends it by a signal to the process that was started. */
    private void start(String options) throws Exception {
        Budget.PROCESSES.use();
        int management = FreePort.any();
        Files.writeString(temporary.resolve("webhooks.yaml"), "accounts: [{id: acme}]\n");
        Path log = temporary.resolve("log");
        Process process = command(Map.of(
                        "JAVA_OPTS",
                        options + " -Dcamel.server.host=127.0.0.1 -Dcamel.server.port=" + FreePort.any()
                                + " -Dcamel.management.port=" + management))
                .redirectOutput(log.toFile())
                .start();
        try {
            URI ready = URI.create("http://127.0.0.1:" + management + "/observe/health/ready");
            await().atMost(Patience.LONG).until(() -> {
                assertTrue(process.isAlive(), () -> read(log));
                return isUp(ready);
            });
            process.destroy();
            assertTrue(process.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
            assertEquals(143, process.exitValue());
            assertFalse(read(log).contains("[warning]"), () -> read(log));
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isUp(URI probe) throws InterruptedException {
        try {
            return HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(probe).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tests run before the jar is packaged: one with the classes of this build, which names its libraries. */
    private void writeJar() throws IOException {
        List<String> libraries = new ArrayList<>();
        Path classes = null;
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(part).toAbsolutePath();
            if (part.endsWith(".jar")) {
                libraries.add(home.relativize(path).toString());
            } else if (Files.exists(
                    path.resolve(EngagementWebhooks.class.getName().replace('.', '/') + ".class"))) {
                classes = path;
            }
        }
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, EngagementWebhooks.class.getName());
        attributes.put(Attributes.Name.CLASS_PATH, String.join(" ", libraries));
        attributes.put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
        Path jarred = classes;
        try (OutputStream out = Files.newOutputStream(jar());
                JarOutputStream packed = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(jarred)) {
            for (Path file : files.filter(each -> !each.equals(jarred)).toList()) {
                String name = jarred.relativize(file).toString().replace(File.separatorChar, '/');
                // migrations are found by the entry of their folder
                packed.putNextEntry(new JarEntry(Files.isDirectory(file) ? name + "/" : name));
                if (!Files.isDirectory(file)) {
                    Files.copy(file, packed);
                }
                packed.closeEntry();
            }
        }
    }
}
