package io.engagementwebhooks.operate.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.operate.JvmEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Profile prod refuses what is unsafe, all at once, and lets pass what is safe. */
class ProfileTest {

    private static final String SAFE = "camel.server.host=127.0.0.1";

    @TempDir
    Path folder;

    private final Properties process = new Properties();
    private final List<String> arguments = new ArrayList<>();
    private final Properties commandLine = new Properties();

    @BeforeEach
    void profile() {
        commandLine.setProperty("webhooks.profile", "prod");
        commandLine.setProperty("webhooks.store.url", "jdbc:sqlite:" + folder.resolve("webhooks.db"));
    }

    private List<String> faults(String... settings) throws IOException {
        Files.write(folder.resolve("application.properties"), List.of(settings));
        Settings read = Settings.read(folder, Map.of(), commandLine);
        assertEquals(List.of(), read.faults());
        return Profile.faults(read, new JvmEnvironment(process, arguments));
    }

    private void assertOne(String part, String... settings) throws IOException {
        List<String> faults = faults(settings);
        assertEquals(1, faults.size(), faults.toString());
        assertTrue(faults.get(0).startsWith("profile prod: ") && faults.get(0).contains(part), faults.get(0));
    }

    @Test
    void in_profile_dev_a_short_key_of_the_operator_is_a_warning() {
        commandLine.setProperty("webhooks.profile", "dev");
        commandLine.setProperty("webhooks.operator-key", "abc");
        assertEquals(
                List.of("operator-key.short: webhooks.operator-key is shorter than 24 characters, and it opens all"
                        + " accounts; take a long random one"),
                Profile.warnings(Settings.read(folder, Map.of(), commandLine)));
    }

    @Test
    void the_defaults_without_tls_settings_are_refused() throws IOException {
        assertOne("webhooks.server.behind-tls-proxy");
    }

    @ParameterizedTest
    @CsvSource({
        "camel.server.host=127.0.0.1",
        "camel.server.host=localhost",
        "webhooks.server.behind-tls-proxy=true",
        "camel.server.useGlobalSslContextParameters=true",
        "camel.server.use-global-ssl-context-parameters=true",
    })
    void each_way_to_protect_keys_on_the_network_is_accepted(String setting) throws IOException {
        assertEquals(List.of(), faults(setting));
    }

    @Test
    void a_reachable_management_port_is_refused() throws IOException {
        assertOne("camel.management.host is 0.0.0.0", SAFE, "camel.management.host=0.0.0.0");
        assertEquals(
                List.of(), faults(SAFE, "camel.management.host=0.0.0.0", "webhooks.management.behind-firewall=true"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"camel.server.", "camel.management."})
    void unsafe_authentication_of_camel_is_refused(String server) throws IOException {
        String on = server + "authenticationEnabled=true";
        assertOne(server + "jwtKeystorePath", SAFE, on, server + "jwtKeystorePath=keys.p12");
        assertOne(server + "path leaves", SAFE, on, server + "path=/base");
        assertEquals(
                List.of(),
                faults(
                        SAFE,
                        on,
                        server + "path=/base",
                        server + "authenticationPath=/*",
                        server + "basicPropertiesFile=users.properties"));
        assertEquals(List.of(), faults(SAFE, server + "path=/base"));
    }

    @Test
    void a_short_operator_key_is_refused_and_not_reported() throws IOException {
        assertOne("webhooks.operator-key is shorter than 24", SAFE, "webhooks.operator-key=guess-me-please");
        assertFalse(
                faults(SAFE, "webhooks.operator-key=guess-me-please").toString().contains("guess-me"));
        assertEquals(List.of(), faults(SAFE, "webhooks.operator-key=0123456789abcdefghijklmn"));
    }

    @Test
    void a_secret_on_the_command_line_is_refused_and_not_reported() throws IOException {
        commandLine.setProperty("webhooks.operator-key", "0123456789abcdefghijklmn");
        assertOne("WEBHOOKS_OPERATOR_KEY", SAFE);
        assertFalse(faults(SAFE).toString().contains("0123456789"));
        Files.writeString(folder.resolve("operator"), "0123456789abcdefghijklmn");
        commandLine.setProperty("webhooks.operator-key", "file:operator");
        assertEquals(List.of(), faults(SAFE), "the name of a file is no secret");
    }

    @Test
    void a_key_file_that_others_can_read_is_refused() throws IOException {
        Path file = folder.resolve("webhooks.db.key");
        Vault.make(file, new SecureRandom());
        assertEquals(List.of(), faults(SAFE));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertOne("chmod 600", SAFE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhooks.db", "webhooks.db-wal", "webhooks.db-shm"})
    void a_store_that_every_user_of_the_machine_can_read_is_refused(String name) throws IOException {
        Path file = Files.createFile(folder.resolve(name));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertOne(name + " can be read by every user of this machine", SAFE);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
        assertEquals(List.of(), faults(SAFE), "Kubernetes gives the files of a volume to the pod's own group");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        assertEquals(List.of(), faults(SAFE), "the folder lets no one in");
    }

    @Test
    void a_database_on_another_machine_without_tls_is_refused() throws IOException {
        String key = "webhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        commandLine.setProperty("webhooks.store.url", "jdbc:postgresql://db.example.com/webhooks");
        assertOne("webhooks.store.url leads to another machine", SAFE, key);
        for (String url : List.of(
                "jdbc:postgresql://db.example.com/webhooks?sslmode=verify-full",
                "jdbc:postgresql://localhost:5432/webhooks",
                "jdbc:postgresql:webhooks")) {
            commandLine.setProperty("webhooks.store.url", url);
            assertEquals(List.of(), faults(SAFE, key));
        }
    }

    @Test
    void remote_jmx_without_password_or_tls_is_refused() throws IOException {
        process.setProperty("com.sun.management.jmxremote.port", "9010");
        assertEquals(List.of(), faults(SAFE), "the machine's defaults ask for both");
        process.setProperty("com.sun.management.jmxremote.ssl", "false");
        assertOne("remote JMX on port 9010", SAFE);
        process.setProperty("com.sun.management.jmxremote.host", "127.0.0.1");
        assertEquals(List.of(), faults(SAFE));
        process.remove("com.sun.management.jmxremote.host");
        process.setProperty("com.sun.management.jmxremote.ssl", "true");
        process.setProperty("com.sun.management.jmxremote.authenticate", "false");
        assertOne("remote JMX on port 9010", SAFE);
    }

    @Test
    void a_debugger_is_refused() throws IOException {
        arguments.add("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005");
        assertOne("debugger", SAFE);
    }

    @ParameterizedTest
    @CsvSource({
        "camel.main.routesReloadEnabled",
        "camel.main.routes-reload-enabled",
        "camel.main.devConsoleEnabled",
        "camel.main.jmxUpdateRouteEnabled",
        "camel.main.tracing",
        "camel.main.tracingStandby",
        "camel.main.logExhaustedMessageBody",
        "camel.debug.enabled",
        "camel.debug.standby",
        "camel.trace.standby",
        "camel.management.jolokiaEnabled",
        "camel.management.sendEnabled",
        "camel.management.uploadEnabled",
    })
    void settings_that_change_or_show_the_running_product_are_refused(String key) throws IOException {
        assertOne(" is on; leave it out", SAFE, key + "=true");
    }

    @Test
    void camels_own_profile_for_developers_is_refused_and_its_others_are_not() throws IOException {
        assertOne("camel.main.profile is dev", SAFE, "camel.main.profile=dev");
        assertEquals(List.of(), faults(SAFE, "camel.main.profile=prod"));
    }

    @Test
    void routes_are_not_dumped_with_the_values_of_their_placeholders() throws IOException {
        assertOne("camel.main.dumpRoutes writes routes to the log", SAFE, "camel.main.dumpRoutes=yaml");
        assertEquals(List.of(), faults(SAFE, "camel.main.dumpRoutes=false"));
    }

    @Test
    void all_unsafe_settings_are_reported_at_once() throws IOException {
        arguments.add("-agentlib:jdwp=server=y");
        List<String> faults = faults(
                "camel.management.host=0.0.0.0", "webhooks.operator-key=short", "camel.main.routesReloadEnabled=true");
        assertEquals(5, faults.size(), faults.toString());
    }

    @Test
    void profile_dev_refuses_no_unsafe_setting() throws IOException {
        commandLine.setProperty("webhooks.profile", "dev");
        arguments.add("-agentlib:jdwp=server=y");
        assertEquals(List.of(), faults("camel.management.host=0.0.0.0", "webhooks.operator-key=short"));
    }

    @Test
    void a_secret_file_readable_by_our_group_is_accepted_and_one_readable_by_all_is_not() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
        Path secret = folder.resolve("operator-key");
        Files.writeString(secret, "0123456789abcdefghijklmn");
        Files.setOwner(
                secret, secret.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("daemon"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--r-----"));
        assertEquals(List.of(), warnings(MOUNTED, "webhooks.operator-key=file:operator-key"));

        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--r--r--"));
        assertEquals(
                1, warnings(MOUNTED, "webhooks.operator-key=file:operator-key").size());
    }

    private List<String> warnings(String config, String... settings) throws IOException {
        Path file = folder.resolve("webhooks.yaml");
        Files.writeString(file, config);
        commandLine.setProperty("webhooks.config", "file:" + file);
        Files.write(folder.resolve("application.properties"), List.of(settings));
        return Profile.warnings(Settings.read(folder, Map.of(), commandLine));
    }

    private static final String LITERAL = "accounts: [{id: a, apiKeys: [{name: n, role: read, key: the-key}]}]";
    private static final String MOUNTED = LITERAL.replace("the-key", "\"{{env:KEY}}\"");

    @Test
    void a_readable_configuration_with_secrets_is_a_warning() throws IOException {
        assertEquals(List.of(), warnings(MOUNTED));
        assertEquals(1, warnings(LITERAL).size());
        assertEquals(
                1,
                warnings("accounts:\n  - id: a\n    apiKeys:\n      - key: the-key\n")
                        .size());
        assertEquals(List.of(), warnings("accounts:\n  - id: a\n    apiKeys:\n      - key: '{{file:k}}'\n"));
        Files.setPosixFilePermissions(folder.resolve("webhooks.yaml"), PosixFilePermissions.fromString("rw-------"));
        assertEquals(List.of(), warnings(LITERAL));
        commandLine.setProperty("webhooks.profile", "dev");
        Files.setPosixFilePermissions(folder.resolve("webhooks.yaml"), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(List.of(), warnings(LITERAL));
    }

    @Test
    void a_secret_setting_in_a_readable_file_is_a_warning() throws IOException {
        assertEquals(
                1,
                warnings(MOUNTED, "webhooks.operator-key=0123456789abcdefghijklmn")
                        .size());
        assertEquals(List.of(), warnings(MOUNTED, "webhooks.operator-key=sha256:" + "00".repeat(32)));
        Path mounted = Files.writeString(folder.resolve("operator"), "0123456789abcdefghijklmn");
        assertEquals(1, warnings(MOUNTED, "webhooks.operator-key=file:operator").size());
        Files.setPosixFilePermissions(mounted, PosixFilePermissions.fromString("rw-------"));
        assertEquals(List.of(), warnings(MOUNTED, "webhooks.operator-key=file:operator"));
    }
}
