package io.engagementwebhooks.deploy;

import static io.engagementwebhooks.testkit.Needed.needed;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.EngagementWebhooks;
import io.engagementwebhooks.testkit.Budget;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Tools;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/**
 * The files of {@code deploy/release.sh} in the folder of the system property {@code release}, with Maven Central's published
 * rules; those of a second run are in the folder {@code again}. They are made after the tests, so this is no test by name: {@code .ci/run} runs it, with the key in {@code GNUPGHOME}.
 */
class ShippedRelease {

    private static final Path RELEASE = Path.of(System.getProperty("release"));

    /** What Central asks of a pom, with packaging, which is jar where it is absent. */
    private static final List<String> REQUIRED = List.of(
            "groupId",
            "artifactId",
            "version",
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "developers/developer/email",
            "developers/developer/organization",
            "developers/developer/organizationUrl",
            "scm/connection",
            "scm/developerConnection",
            "scm/url");

    private static final String CONFIG =
            "accounts: [{id: acme, apiKeys: [{name: a, role: ingest, key: a-key-of-the-release-test}]}]\n";

    /** Of the root, the configuration, the data and the user, then the environment and the command. */
    private static final String MOUNTS =
            """
            mount --bind "$1" "$1"
            mount --bind "$2" "$1/etc/engagement-webhooks"
            mount --bind "$3" "$1/data"
            mount -t tmpfs tmpfs "$1/tmp"
            mount --rbind /proc "$1/proc"
            mount --rbind /dev "$1/dev"
            mount -o remount,bind,ro "$1"
            ! touch "$1/written" || exit 1
            exec chroot --userspec="$4" "$1" /bin/env -i "${@:5}"
            """;

    @TempDir
    Path folder;

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> files = Files.walk(in)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static Path file(String end) throws IOException {
        return files(RELEASE).stream()
                .filter(each -> each.toString().endsWith(end))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no file " + end + " in " + RELEASE));
    }

    static String digest(String algorithm, Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file)));
    }

    private static boolean isOfAnother(Path file) {
        return Stream.of(".asc", ".md5", ".sha1").anyMatch(file.toString()::endsWith);
    }

    private Path bundle() throws Exception {
        Tools.run(
                folder,
                JavaCommand.tool("jar"),
                "xf",
                RELEASE.resolve("central-bundle.zip").toString());
        return folder.resolve("io");
    }

    @Test
    void the_provenance_names_each_file_by_its_checksum_and_the_commit() throws Exception {
        var provenance = new ObjectMapper().readTree(file("-provenance.json").toFile());
        Map<String, String> named = new TreeMap<>();
        provenance
                .get("subject")
                .forEach(each -> named.put(
                        each.get("name").asText(), each.at("/digest/sha256").asText()));
        Map<String, String> there = new TreeMap<>();
        for (Path each : files(RELEASE)) {
            String name = each.getFileName().toString();
            if (name.startsWith("engagement-webhooks-") && !name.endsWith("-provenance.json")) {
                there.put(name, digest("SHA-256", each));
            }
        }
        assertEquals(there, named);
        assertEquals(10, there.size(), there::toString);
        String commit = provenance
                .at("/predicate/buildDefinition/resolvedDependencies/0/digest/gitCommit")
                .asText();
        assertTrue(commit.matches("[0-9a-f]{40}"), commit);
    }

    @Test
    void the_checksums_are_signed() throws Exception {
        Tools.run(
                folder,
                "gpg",
                "--verify",
                RELEASE.resolve("SHA256SUMS.asc").toString(),
                RELEASE.resolve("SHA256SUMS").toString());
    }

    @Test
    void each_file_for_central_has_a_signature_and_both_checksums() throws Exception {
        List<Path> deployed =
                files(bundle()).stream().filter(each -> !isOfAnother(each)).toList();
        assertEquals(6, deployed.size(), deployed::toString);
        for (Path each : deployed) {
            assertEquals(
                    digest("MD5", each),
                    Files.readString(Path.of(each + ".md5")).strip());
            assertEquals(
                    digest("SHA-1", each),
                    Files.readString(Path.of(each + ".sha1")).strip());
            Tools.run(folder, "gpg", "--verify", each + ".asc", each.toString());
        }
    }

    @Test
    void the_pom_says_what_central_asks_and_lies_beside_its_jar_with_sources_and_javadoc() throws Exception {
        Path pom = files(bundle()).stream()
                .filter(each -> each.toString().endsWith(".pom"))
                .findFirst()
                .orElseThrow();
        Document parsed =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
        var xpath = XPathFactory.newInstance().newXPath();
        for (String each : REQUIRED) {
            assertFalse(xpath.evaluate("/project/" + each, parsed).isBlank(), each);
        }
        String artifact = xpath.evaluate("/project/artifactId", parsed);
        String version = xpath.evaluate("/project/version", parsed);
        assertFalse(version.endsWith("-SNAPSHOT"), version);
        Path layout = folder.resolve(xpath.evaluate("/project/groupId", parsed).replace('.', '/'))
                .resolve(artifact)
                .resolve(version);
        for (String end : List.of(".pom", ".jar", "-sources.jar", "-javadoc.jar")) {
            Path needed = layout.resolve(artifact + "-" + version + end);
            assertTrue(Files.exists(needed), needed::toString);
        }
    }

    /** No Maven, no repository, no home. */
    @Test
    void the_archive_starts_where_nothing_is_but_java() throws Exception {
        Tools.run(folder, "tar", "xzf", file(".tar.gz").toString());
        Path unpacked;
        try (Stream<Path> in = Files.list(folder)) {
            unpacked = in.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        for (String part : List.of("LICENSE", "engagement-webhooks.service", "routes", "kamelet-catalog")) {
            assertTrue(Files.exists(unpacked.resolve(part)), part);
        }
        Path work = Files.createDirectory(folder.resolve("work"));
        Files.writeString(work.resolve("webhooks.yaml"), CONFIG);
        int port = FreePort.any();
        ProcessBuilder command =
                new ProcessBuilder(unpacked.resolve("bin/engagement-webhooks").toString()).directory(work.toFile());
        command.environment().clear();
        command.environment()
                .putAll(Map.of(
                        "PATH",
                        Path.of(JavaCommand.tool("java")).getParent() + ":/usr/bin:/bin",
                        "CAMEL_SERVER_PORT",
                        "" + port,
                        "CAMEL_MANAGEMENT_PORT",
                        "" + FreePort.any()));
        acceptsAnEvent(command, port);
    }

    private void acceptsAnEvent(ProcessBuilder command, int port) throws Exception {
        Budget.PROCESSES.use();
        Path log = folder.resolve("log");
        Process process =
                command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            await().atMost(Patience.LONG).until(() -> {
                assertTrue(process.isAlive(), () -> read(log));
                return post(port) == 202;
            });
        } finally {
            process.destroy();
        }
        assertTrue(process.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
        assertEquals(143, process.exitValue(), () -> read(log));
    }

    @Test
    void the_package_for_debian_has_the_archive_where_its_unit_runs_it() throws Exception {
        Path root = folder.resolve("root");
        Tools.run(folder, "dpkg-deb", "-x", file(".deb").toString(), root.toString());
        Path unit = root.resolve("lib/systemd/system/engagement-webhooks.service");
        Map<String, String> settings = Files.readAllLines(unit).stream()
                .filter(line -> line.startsWith("ExecStart=") || line.startsWith("WorkingDirectory="))
                .collect(Collectors.toMap(line -> line.split("=/")[0], line -> line.split("=/")[1]));
        assertTrue(Files.isExecutable(root.resolve(settings.get("ExecStart"))), settings::toString);
        assertTrue(Files.isDirectory(root.resolve(settings.get("WorkingDirectory"))), settings::toString);
        Tools.run(folder, "tar", "xzf", file(".tar.gz").toString());
        String archive = file(".tar.gz").getFileName().toString().replace(".tar.gz", "");
        Files.delete(folder.resolve(archive).resolve("engagement-webhooks.service"));
        Tools.run(
                folder,
                "diff",
                "-r",
                archive,
                root.resolve("opt/engagement-webhooks").toString());
    }

    /** As a container runtime starts it: mounts of the configuration, the data and /tmp on a read-only root. */
    @Test
    void the_image_starts_from_its_archive_as_its_user_on_a_read_only_root() throws Exception {
        needed("root".equals(System.getProperty("user.name")), "only root may mount");
        Image image = Image.unpacked(file("-image.tar"), folder.resolve("image"));
        JsonNode config = image.config();
        assertEquals("65532:65532", config.get("User").asText());
        Path root = image.fileSystem(folder.resolve("root"));
        Path mounted = Files.createDirectory(folder.resolve("config"));
        Files.writeString(mounted.resolve("webhooks.yaml"), CONFIG);
        Path data = Files.createDirectory(folder.resolve("data"));
        Tools.run(folder, "chown", "65532:65532", data.toString());
        int port = FreePort.any();
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "bash", "-euc", MOUNTS, "image"));
        command.addAll(
                List.of("" + root, "" + mounted, "" + data, config.get("User").asText()));
        config.get("Env").forEach(each -> command.add(each.asText()));
        command.addAll(List.of(
                "JAVA_OPTS=-Xshare:on -Xlog:class+load:file=/data/loaded",
                "CAMEL_SERVER_PORT=" + port,
                "CAMEL_MANAGEMENT_PORT=" + FreePort.any(),
                "/bin/sh",
                "-c",
                "cd \"$0\" && exec \"$@\"",
                config.get("WorkingDir").asText()));
        config.get("Entrypoint").forEach(each -> command.add(each.asText()));
        acceptsAnEvent(new ProcessBuilder(command), port);
        assertTrue(Files.exists(data.resolve("webhooks.db")));
        assertTrue(
                Files.readAllLines(data.resolve("loaded")).stream()
                        .anyMatch(line ->
                                line.contains(EngagementWebhooks.class.getName() + " source: shared objects file")),
                "classes of ours come from the archive");
    }

    @Test
    void the_images_of_both_architectures_share_the_product_and_differ_between_two_runs_by_the_archive_alone()
            throws Exception {
        Image image = Image.unpacked(file("-image.tar"), folder.resolve("image"));
        List<String> amd64 = image.layers("amd64");
        List<String> arm64 = image.layers("arm64");
        assertEquals(amd64.get(1), arm64.get(1));
        assertEquals(5, amd64.size() + arm64.size(), "the archive is for one of them");
        Image again = Image.unpacked(
                Path.of(System.getProperty("again")).resolve(file("-image.tar").getFileName()),
                folder.resolve("again"));
        assertEquals(amd64.subList(0, 2), again.layers("amd64").subList(0, 2));
        assertEquals(arm64.subList(0, 2), again.layers("arm64").subList(0, 2));
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int post(int port) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/events"))
                .header("Authorization", "Bearer a-key-of-the-release-test")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\"}"))
                .build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }
}
