package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.testkit.Documented;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Settings that a page tells to write into {@code application.properties} are taken as they stand there. */
class DocumentedSettingsTest {

    /** What the page on PostgreSQL has in the environment. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "WEBHOOKS_STORE_PASSWORD", "hush", "WEBHOOKS_STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");

    @TempDir
    Path folder;

    @TestFactory
    List<DynamicTest> each_block_of_settings_has_no_fault() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "hush");
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : Documented.pages()) {
            for (String block : Documented.page(page).blocks("properties")) {
                tests.add(DynamicTest.dynamicTest(page.toString(), () -> {
                    Files.writeString(
                            folder.resolve("application.properties"),
                            block.replaceAll("file:/run/secrets/\\w+", "file:" + secret));
                    assertEquals(
                            List.of(),
                            Settings.read(folder, ENVIRONMENT, new Properties()).faults());
                }));
            }
        }
        assertTrue(tests.size() > 2, () -> "blocks found: " + tests.size());
        return tests;
    }
}
