package io.engagementwebhooks.operate.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
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
    void the_defaults_are_256_in_flight_per_webhook_and_disabling_after_five_days() {
        assertEquals(256, read(Map.of()).maxInFlightPerWebhook());
        assertEquals(Optional.of(Duration.ofDays(5)), read(Map.of()).disableAfter());
    }

    @Test
    void with_disable_after_never_a_failing_webhook_stays_enabled() {
        Settings settings = read(Map.of("webhooks.deliver.disable-after", "never"));
        assertEquals(List.of(), settings.faults());
        assertEquals(Optional.empty(), settings.disableAfter());
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
        "webhooks.deliver.disable-after, 0s",
        "webhooks.deliver.disable-after, off",
        "webhooks.deliver.threads, many",
        "webhooks.deliver.step-threads, 3",
        "webhooks.profile, test",
        "webhooks.egress.allow, 10.0.0.0/33",
        "webhooks.egress.proxy, proxy:3128",
        "webhooks.server.trusted-proxies, 10.0.0.0/33",
        "webhooks.server.trusted-proxies, proxy.example.com",
        "webhooks.console.frame-ancestors, app.example.com",
        "webhooks.console.frame-ancestors, https://*.example.com",
        "webhooks.console.frame-ancestors, https://app.example.com/portal",
        "webhooks.console.frame-ancestors, http://app.example.com",
        "webhooks.console.frame-ancestors, https://app.example.com",
        "webhooks.server.behind-tls-proxy, yes",
        "webhooks.mail.port, 0",
        "webhooks.server.max-connections, -1",
        "webhooks.server.max-connections, all",
        "webhooks.console.name, ''",
        "webhooks.console.name, A product whose name is longer than what fits a navigation",
        "webhooks.console.color, blue",
        "webhooks.console.color, '#12345'",
        "webhooks.console.logo, no-such-file.svg",
        "webhooks.console.logo, pom.xml",
        "camel.server.port, http",
        "camel.management.port, 65536",
    })
    void an_invalid_value_is_one_fault_that_names_the_setting(String key, String value) {
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
    void a_setting_that_does_not_exist_is_reported_with_the_nearest_one() {
        assertEquals(
                List.of("setting 'webhooks.store.ur' does not exist; did you mean 'webhooks.store.url'?"),
                read(Map.of("webhooks.store.ur", "x")).faults());
    }

    @Test
    void of_two_settings_as_near_the_one_with_the_same_letters_is_suggested() {
        assertEquals(
                List.of("setting 'webhooks.store.ulr' does not exist; did you mean 'webhooks.store.url'?"),
                read(Map.of("webhooks.store.ulr", "x")).faults());
    }

    @Test
    void settings_of_camel_that_the_product_sets_itself_are_named() throws Exception {
        Files.writeString(
                folder.resolve("application.properties"),
                "camel.main.routes-include-pattern=mine/*.yaml\ncamel.main.routesReloadEnabled=true");
        String file = folder.resolve("application.properties").toString();

        assertEquals(
                List.of(
                        file
                                + ":2: setting 'camel.main.routesReloadEnabled' has no effect: webhooks.routes.follow makes"
                                + " saved route files active",
                        file + ":1: setting 'camel.main.routes-include-pattern' has no effect: routes are those of"
                                + " --routes DIR, ./routes or the jar"),
                read(Map.of()).warnings());
    }

    @Test
    void client_certificates_that_no_one_would_request_are_a_fault() {
        assertEquals(
                List.of("setting 'camel.ssl.clientAuthentication' has no effect: the server requests no client"
                        + " certificates; leave it out, or verify them in a proxy"),
                read(Map.of("camel.ssl.clientAuthentication", "REQUIRE")).faults());
    }

    @Test
    void the_environment_overrides_the_file_and_system_properties_override_both() throws Exception {
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
    void a_proxy_url_with_a_password_is_a_secret_and_may_be_in_a_file() throws Exception {
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

    @Test
    void faults_of_the_file_have_its_line() throws Exception {
        Files.writeString(
                folder.resolve("application.properties"),
                "# webhooks.store.ur=a\n\nmy.list=a,\\\n  webhooks.store.ur=b\n webhooks.store.ur = c\n");
        assertEquals(
                List.of(folder.resolve("application.properties")
                        + ":5: setting 'webhooks.store.ur' does not exist; did you mean 'webhooks.store.url'?"),
                read(Map.of()).faults());
    }

    @Test
    void an_environment_variable_that_is_no_setting_is_a_warning_with_the_nearest_one() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("WEBHOOKS_STORE_ULR", "x");
        environment.put("WEBHOOK_STORE_URL", "x");
        environment.put("WEBHOOKS_OF_ACME", "x");
        environment.put("WEBHOOKS_LOG_LEVEL", "INFO");
        environment.put("WEBHOOKS_STORE_SERVICE_HOST", "10.0.0.1");
        environment.put("WEBHOOKS_STORE_PORT_8080_TCP", "tcp://10.0.0.1:8080");
        environment.put("WEBHOOK", "x");
        Settings settings = Settings.read(folder, environment, new Properties());
        assertEquals(List.of(), settings.faults());
        assertEquals(
                List.of(
                        "environment variable WEBHOOKS_OF_ACME is no setting; only a placeholder reads it",
                        "environment variable WEBHOOKS_STORE_ULR is no setting; did you mean 'WEBHOOKS_STORE_URL'?",
                        "environment variable WEBHOOK_STORE_URL is no setting; did you mean 'WEBHOOKS_STORE_URL'?"),
                Profile.warnings(settings));
    }

    @Test
    void camels_settings_are_read_from_the_environment_as_camel_reads_them() {
        Map<String, String> environment = Map.of(
                "CAMEL_DEBUG_ENABLED", "true",
                "CAMEL_MAIN_SHUTDOWN_TIMEOUT", "7",
                "CAMEL_COMPONENT_PLATFORM_HTTP_MUTE_EXCEPTION", "true",
                "CAMEL_SERVER_PROT", "1",
                "CAMEL_HOME", "/opt/camel");
        Settings settings = Settings.read(folder, environment, new Properties());
        assertTrue(settings.isOn("camel.debug.enabled"));
        assertEquals("7", settings.text("camel.main.shutdownTimeout"));
        assertTrue(settings.isOn("camel.component.platform-http.muteException"));
        assertEquals(
                List.of("environment variable CAMEL_SERVER_PROT: Camel has no setting 'camel.server.prot'; did you mean"
                        + " 'camel.server.port'?"),
                settings.faults());
    }

    @Test
    void a_key_that_camel_does_not_know_is_a_warning_where_the_setting_permits_it() {
        Settings settings = read(Map.of("camel.main.autoConfigurationFailFast", "false", "camel.server.prot", "1"));
        assertEquals(List.of(), settings.faults());
        assertEquals(
                List.of("Camel has no setting 'camel.server.prot'; did you mean 'camel.server.port'?"),
                settings.warnings());
    }

    @Test
    void system_properties_that_camel_reads_by_itself_are_no_settings() {
        Settings settings = read(Map.of("camel.threads.virtual.enabled", "true", "camel.version", "4.18.4"));
        assertEquals(List.of(), settings.faults());
        assertEquals(List.of(), settings.warnings());
    }

    @ParameterizedTest
    @CsvSource({
        "camel.main.shutdown-timeout, camel.main.shutdownTimeout",
        "camel.component.seda.queue-size, camel.component.seda.queueSize",
        "camel.component.kafka.additional-properties[A-b], camel.component.kafka.additionalProperties[A-b]",
        "camel.component.kafka.configuration.max-poll-records, camel.component.kafka.configuration.maxPollRecords",
        "camel.beans.crm.pool-size, camel.beans.crm.poolSize",
        "camel.beans.crm.pool[A-b].max-size, camel.beans.crm.pool[A-b].maxSize",
        "camel.kamelet.timer-source.period-millis, camel.kamelet.timer-source.periodMillis",
        "camel.route-template[0].template-id, camel.routeTemplate[0].templateId",
        "camel.threadpool.config.A-b.max-queue-size, camel.threadpool.config.A-b.maxQueueSize",
        "camel.rest.cors-headers.X-A, camel.rest.corsHeaders.X-A",
        "camel.rest.cors-headers[X-A], camel.rest.corsHeaders[X-A]"
    })
    void a_later_setting_replaces_one_in_another_spelling(String spelling, String key) throws Exception {
        Files.writeString(folder.resolve("application.properties"), key + "=5");
        Settings settings = read(Map.of(spelling, "7"));
        assertEquals(List.of(), settings.faults());
        assertEquals("7", settings.text(key));
        assertEquals("", settings.text(spelling));
    }

    @ParameterizedTest
    @CsvSource({
        "camel.beans.crm-Client, camel.beans.crmclient",
        "camel.variable.Region, camel.variable.region",
        "camel.variable.route.Region, camel.variable.route.region",
        "camel.globalOptions.http.proxyHost, camel.globalOptions.http.proxyhost",
        "camel.kamelet.Timer.period, camel.kamelet.timer.period",
        "camel.beans.crm.pool[A-b].size, camel.beans.crm.pool[ab].size",
        "camel.threadpool.config.A-b.maxQueueSize, camel.threadpool.config.ab.maxQueueSize",
        "camel.component.my-Kafka.brokers, camel.component.mykafka.brokers",
        "camel.component.kafka.additionalProperties[A-b], camel.component.kafka.additionalProperties[ab]",
        "camel.rest.corsHeaders.X-A, camel.rest.corsHeaders.xa",
        "camel.rest.corsHeaders[X-A], camel.rest.corsHeaders[xa]"
    })
    void names_that_a_user_chose_differ_by_case_and_dashes(String one, String other) throws Exception {
        Files.writeString(folder.resolve("application.properties"), one + "=5");
        Settings settings = read(Map.of(other, "7"));
        assertEquals("5", settings.text(one));
        assertEquals("7", settings.text(other));
    }

    private Settings read(Map<String, String> given) {
        Properties system = new Properties();
        system.putAll(given);
        return Settings.read(folder, Map.of(), system);
    }
}
