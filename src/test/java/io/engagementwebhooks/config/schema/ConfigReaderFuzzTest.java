package io.engagementwebhooks.config.schema;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.testkit.ConfigReaders;
import java.util.Optional;

/** Any content of {@code webhooks.yaml} is a configuration or a list of faults. */
class ConfigReaderFuzzTest {

    private final ConfigParser reader = ConfigReaders.lenient();

    @FuzzTest(maxDuration = "15s")
    void any_file_is_a_configuration_or_has_faults(byte[] file) {
        try {
            reader.read(file, name -> name.equals("env:SET") ? Optional.of("a-value-that-is-set") : Optional.empty());
        } catch (ConfigFaults e) {
            assertFalse(e.faults().isEmpty());
            e.faults().forEach(fault -> assertFalse(fault.text().isBlank()));
        }
    }
}
