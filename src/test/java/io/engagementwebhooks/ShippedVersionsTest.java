package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.Version;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Libraries that come in many modules come in one version, whatever the libraries of the tests would rather have. */
class ShippedVersionsTest {

    @Test
    void all_of_netty_is_of_one_version() {
        Map<String, Version> modules = Version.identify();
        Set<String> versions =
                modules.values().stream().map(Version::artifactVersion).collect(Collectors.toSet());
        assertTrue(modules.size() > 5, modules::toString);
        assertEquals(1, versions.size(), modules::toString);
    }
}
