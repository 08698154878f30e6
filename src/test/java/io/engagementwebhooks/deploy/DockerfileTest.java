package io.engagementwebhooks.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the image is made by, as far as it can be judged without Docker; deploy/docker/start-times.sh runs its commands. */
class DockerfileTest {

    private static final Path FOLDER = Path.of("deploy", "docker");
    private static final String JAR = "/app/engagement-webhooks.jar";

    private static final int OF_THE_IMAGE = 25;

    private static List<String> instructions(String kind) throws IOException {
        return Files.readString(FOLDER.resolve("Dockerfile"))
                .replaceAll("\\\\\\n\\s*", "")
                .lines()
                .filter(line -> line.startsWith(kind + " "))
                .map(line -> line.substring(kind.length() + 1))
                .toList();
    }

    private static List<String> entryPoint() throws IOException {
        return Arrays.asList(
                new ObjectMapper().readValue(instructions("ENTRYPOINT").get(0), String[].class));
    }

    private static List<String> archiving() throws IOException {
        return instructions("RUN").stream()
                .filter(command -> command.startsWith("java "))
                .map(command -> Arrays.asList(command.split(" ")))
                .findFirst()
                .orElseThrow();
    }

    private static String valueOf(List<String> words, String option) {
        return words.stream()
                .filter(word -> word.startsWith(option + "="))
                .map(word -> word.substring(option.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    /** The JVM refuses an archive whose jar it does not find at the path, as it was written when the archive was made. */
    @Test
    void the_archive_is_made_for_the_jar_that_runs_at_the_path_by_which_it_runs() throws IOException {
        List<String> making = archiving();
        List<String> running = entryPoint();
        assertEquals(List.of("target/engagement-webhooks.jar " + JAR), instructions("COPY"));
        assertEquals(JAR, making.get(making.indexOf("-jar") + 1));
        assertEquals(JAR, running.get(running.indexOf("-jar") + 1));
        assertEquals(valueOf(making, "-XX:AOTCacheOutput"), valueOf(running, "-XX:AOTCache"));
        assertEquals(
                List.of("eclipse-temurin:" + OF_THE_IMAGE + "-jre"),
                instructions("FROM"),
                "the archive holds for the JVM that made it");
    }

    @Test
    void what_is_copied_is_let_in() throws IOException {
        assertEquals(
                List.of("*", "!target/engagement-webhooks.jar"),
                Files.readAllLines(FOLDER.resolve("Dockerfile.dockerignore")));
    }

    @Test
    void the_jvm_knows_the_options_it_starts_with() throws Exception {
        List<String> command = new ArrayList<>(entryPoint());
        command.set(0, JavaCommand.tool("java"));
        command.set(command.indexOf("-jar"), "-version");
        command.remove(JAR);
        if (Runtime.version().feature() < OF_THE_IMAGE) {
            command.removeIf(word -> word.startsWith("-XX:AOT"));
        }
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(jvm.getInputStream().readAllBytes());
        assertEquals(0, jvm.waitFor(), printed);
        assertTrue(printed.contains("version"), printed);
    }

    @Test
    void it_runs_as_the_user_and_writes_to_the_folder_that_the_manifests_say() throws IOException {
        String deployment = Files.readString(Path.of("deploy/kubernetes/base/deployment.yaml"));
        String user = instructions("USER").get(0).split(":")[0];
        assertTrue(deployment.contains("runAsUser: " + user), user);
        assertTrue(deployment.contains("mountPath: /data"));
        assertEquals(List.of("WEBHOOKS_STORE_URL=jdbc:sqlite:/data/webhooks.db"), instructions("ENV"));
    }
}
