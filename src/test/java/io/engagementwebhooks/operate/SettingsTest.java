package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @TempDir
    Path folder;

    @Test
    void the_defaults_have_no_fault() {
        assertEquals(List.of(), read(Map.of()).faults());
    }

    /** Semantics 18, and what disables a webhook. */
    @Test
    void a_webhook_has_256_in_flight_at_most_and_is_disabled_after_five_days_unless_something_else_is_said() {
        assertEquals(256, read(Map.of()).maxInFlightPerWebhook());
        assertEquals(Optional.of(Duration.ofDays(5)), read(Map.of()).disableAfter());
    }

    @ParameterizedTest
    @CsvSource({
        "webhooks.store.url, jdbc:h2:./webhooks",
        "webhooks.store.lease, 500ms",
        "webhooks.store.lease, 10m",
        "webhooks.store.url, jdbc:sqlite:",
        "webhooks.store.url, jdbc:sqlite::memory:",
        "webhooks.store.url, jdbc:sqlite:file:webhooks.db?mode=memory",
        "webhooks.ingest.max-body, 0",
        "webhooks.ingest.max-body, 2GiB",
        "webhooks.ingest.request-timeout, 0s",
        "webhooks.delivery.max-age, 0s",
        "webhooks.deliver.threads, many",
        "webhooks.deliver.step-threads, 3",
        "webhooks.profile, test",
        "webhooks.egress.allow, 10.0.0.0/33",
        "webhooks.egress.proxy, proxy:3128",
        "webhooks.server.trusted-proxies, 10.0.0.0/33",
        "webhooks.server.trusted-proxies, proxy.example.com",
        "webhooks.server.max-connections, -1",
        "webhooks.server.max-connections, all",
        "camel.server.port, http",
        "camel.management.port, 65536",
    })
    void what_cannot_work_is_one_fault_that_names_the_setting(String key, String value) {
        List<String> faults = read(Map.of(key, value)).faults();

        assertEquals(1, faults.size(), faults.toString());
        assertTrue(faults.get(0).startsWith(key), faults.get(0));
    }

    @Test
    void a_store_in_postgresql_needs_its_key_given_and_no_password_in_its_url() {
        String url = "webhooks.store.url";
        String key = "webhooks.store.key";
        String good = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        assertEquals(
                List.of(),
                read(Map.of(url, "jdbc:postgresql://db:5433/webhooks", key, good))
                        .faults());
        assertEquals(
                1, read(Map.of(url, "jdbc:postgresql://db/webhooks")).faults().size());
        for (String wrong : List.of(
                "jdbc:postgresql:",
                "jdbc:postgresql://db/",
                "jdbc:postgresql://db/webhooks?user=us&password=planted",
                "jdbc:postgresql://us:planted@db/webhooks",
                "postgresql://us:planted@db/webhooks",
                "jdbc:postgres://us:planted@db/webhooks")) {
            List<String> faults = read(Map.of(url, wrong, key, good)).faults();
            assertEquals(1, faults.size(), faults.toString());
            assertTrue(faults.get(0).startsWith(url), faults.get(0));
            assertTrue(!faults.get(0).contains("planted"), faults.get(0));
        }
    }

    @Test
    void brokers_with_a_password_are_refused_without_it() {
        List<String> faults = read(Map.of(
                        "webhooks.kafka.brokers", "SASL_SSL://us:planted@kafka:9093",
                        "webhooks.kafka.topics", "calls=acme"))
                .faults();
        assertEquals(1, faults.size(), faults.toString());
        assertTrue(faults.get(0).startsWith("webhooks.kafka.brokers must be host:port"), faults.get(0));
        assertTrue(!faults.get(0).contains("planted"), faults.get(0));
    }

    @Test
    void a_setting_that_does_not_exist_is_told_with_the_nearest_one() {
        assertEquals(
                List.of("setting 'webhooks.store.ur' does not exist; did you mean 'webhooks.store.url'?"),
                read(Map.of("webhooks.store.ur", "x")).faults());
    }

    @Test
    void the_file_is_overlaid_by_the_environment_and_that_by_system_properties() throws Exception {
        Files.writeString(
                folder.resolve("application.properties"),
                "webhooks.delivery.max-age=1d\nwebhooks.ingest.workers=3\nwebhooks.deliver.threads=3");
        Properties system = new Properties();
        system.setProperty("webhooks.delivery.max-age", "3d");
        Map<String, String> environment = Map.of("WEBHOOKS_DELIVERY_MAX_AGE", "2d", "WEBHOOKS_INGEST_WORKERS", "2");

        Settings settings = Settings.read(folder, environment, system);

        assertEquals("3d", settings.text("webhooks.delivery.max-age"));
        assertEquals("2", settings.text("webhooks.ingest.workers"));
        assertEquals("3", settings.text("webhooks.deliver.threads"));
    }

    @Test
    void a_proxy_is_kept_aside_with_its_password_and_may_stand_in_a_file() throws Exception {
        Settings given = read(Map.of("webhooks.egress.proxy", "http://us:hush@proxy:3128"));
        assertEquals(List.of(), given.faults());
        assertEquals("", given.properties().getProperty("webhooks.egress.proxy"));
        assertEquals("http://us:hush@proxy:3128", given.egress().proxy().reveal());
        assertEquals(java.util.Set.of("webhooks.egress.proxy"), given.secretsOfCommandLine());

        Files.writeString(folder.resolve("proxy"), "http://us:hush@proxy:3128\n");
        Settings inFile = read(Map.of("webhooks.egress.proxy", "file:proxy"));
        assertEquals("http://us:hush@proxy:3128", inFile.egress().proxy().reveal());

        Settings open = read(Map.of("webhooks.egress.proxy", "http://proxy:3128"));
        assertEquals(java.util.Set.of(), open.secretsOfCommandLine(), "there is no secret in it");
    }

    private Settings read(Map<String, String> given) {
        Properties system = new Properties();
        system.putAll(given);
        return Settings.read(folder, Map.of(), system);
    }
}
