package io.engagementwebhooks.deploy;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/**
 * The files of {@code deploy/release.sh} in the folder of the system property {@code release}, with Maven Central's published
 * rules. They are made after the tests, so this is no test by name: {@code .ci/run} runs it, with the key in {@code GNUPGHOME}.
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

    private static String digest(String algorithm, Path file) throws Exception {
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
        assertEquals(8, there.size(), there::toString);
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
        Files.writeString(
                work.resolve("webhooks.yaml"),
                "accounts: [{id: acme, apiKeys: [{name: a, role: ingest, key: a-key-of-the-release-test}]}]\n");
        int port = FreePort.any();
        Budget.PROCESSES.use();
        ProcessBuilder command = new ProcessBuilder(
                        unpacked.resolve("bin/engagement-webhooks").toString())
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("log").toFile());
        command.environment().clear();
        command.environment()
                .putAll(Map.of(
                        "PATH",
                        Path.of(JavaCommand.tool("java")).getParent() + ":/usr/bin:/bin",
                        "CAMEL_SERVER_PORT",
                        "" + port,
                        "CAMEL_MANAGEMENT_PORT",
                        "" + FreePort.any()));
        Process process = command.start();
        try {
            await().atMost(Patience.LONG).until(() -> {
                assertTrue(process.isAlive(), () -> read(work.resolve("log")));
                return post(port) == 202;
            });
        } finally {
            process.destroy();
        }
        assertTrue(process.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
        assertEquals(143, process.exitValue(), () -> read(work.resolve("log")));
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
