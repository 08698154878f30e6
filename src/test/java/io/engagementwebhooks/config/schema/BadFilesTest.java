package io.engagementwebhooks.config.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.testkit.ConfigReaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each invalid file {@code x.yaml} in {@code src/test/resources/setup} has the faults in {@code x.faults}. */
class BadFilesTest {

    private static final Path FOLDER = Path.of("src/test/resources/setup");
    private static final Map<String, String> ENVIRONMENT = Map.of("SET", "a-value-that-is-set", "EMPTY", "");

    static Stream<String> badFiles() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.replace(".yaml", ""))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void an_invalid_file_has_exactly_the_expected_faults(String name) throws IOException {
        ConfigFaults faults = faultsOf(name);
        String found = faults.faults().stream().map(Fault::toString).collect(Collectors.joining("\n", "", "\n"));
        assertEquals(Files.readString(FOLDER.resolve(name + ".faults")), found);
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void no_fault_contains_a_secret(String name) throws IOException {
        String reported = faultsOf(name).toString();
        assertFalse(reported.contains("hush"), reported);
        assertFalse(reported.contains("cGFydG5lcjpodXNoLWh1c2g"), reported);
        assertFalse(reported.contains("this-is"), reported);
        assertFalse(reported.contains("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), reported);
    }

    private static ConfigFaults faultsOf(String name) throws IOException {
        byte[] file = Files.readAllBytes(FOLDER.resolve(name + ".yaml"));
        ConfigParser reader = ConfigReaders.by(
                url -> url.getScheme().equals("http") ? Optional.of("plain http is not allowed") : Optional.empty());
        Placeholders placeholders = Placeholders.of(
                variable -> Optional.ofNullable(ENVIRONMENT.get(variable)), FOLDER, property -> Optional.empty());
        return assertThrows(ConfigFaults.class, () -> reader.read(file, placeholders));
    }
}
