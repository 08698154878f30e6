package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.console.signin.SignInLink;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleGreetingTest {

    @TempDir
    private Path folder;

    @AutoClose
    private Store store;

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("data").resolve("webhooks.db"), Clock.systemUTC());
    }

    private String text(String profile, String host, String... settings) {
        ApiKey key = ApiKey.of("staff", ApiKey.Role.ADMIN, Secret.of("an-admin-key-of-acme"));
        Config config =
                new Config(List.of(new Account("acme", List.of(key), List.of())), Config.Resources.of(List.of()));
        Properties given = new Properties();
        given.setProperty("webhooks.profile", profile);
        given.setProperty("camel.server.host", host);
        Stream.of(settings).forEach(setting -> given.setProperty(setting, "true"));
        return ConsoleGreeting.text(
                Settings.read(folder, Map.of(), given),
                8080,
                new SignInLink(
                        () -> config,
                        store.settings(),
                        Vaults.open(folder.resolve("store.key")),
                        Clock.systemUTC(),
                        new SecureRandom()));
    }

    @Test
    void it_has_an_address_for_a_browser_and_a_link() {
        String text = text("dev", "0.0.0.0");
        assertTrue(
                text.matches("Console: http://localhost:8080/console\nSign in once, within 15 minutes:"
                        + " http://localhost:8080/console/sign-in/link\\?token=[\\w-]{100,200}\n"),
                text);
        assertTrue(text("dev", "10.0.0.7").startsWith("Console: http://10.0.0.7:8080/console\n"));
    }

    @Test
    void its_addresses_begin_with_https_if_the_product_terminates_tls() {
        String text = text("dev", "127.0.0.1", "camel.server.useGlobalSslContextParameters");
        assertTrue(text.matches("(?s)Console: https://localhost:8080/.*: https://localhost:8080/.*"), text);
    }

    @Test
    void in_profile_prod_it_is_empty() {
        assertEquals("", text("prod", "0.0.0.0"));
    }
}
