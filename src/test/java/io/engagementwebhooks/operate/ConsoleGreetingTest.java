package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.console.OneTimeLinks;
import io.engagementwebhooks.console.pages.SignInLink;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Secret;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleGreetingTest {

    @TempDir
    private Path folder;

    private final SignInLink.SignIns unused = new SignInLink.SignIns() {
        @Override
        public boolean any() {
            return false;
        }

        @Override
        public void remember() {}
    };

    private String text(String profile, String host, String... settings) {
        ApiKey key = ApiKey.of("staff", ApiKey.Role.ADMIN, Secret.of("an-admin-key-of-acme"));
        Config config = Config.empty().with(new Account("acme", List.of(key), List.of()));
        Properties given = new Properties();
        given.setProperty("webhooks.profile", profile);
        given.setProperty("camel.server.host", host);
        Stream.of(settings).forEach(setting -> given.setProperty(setting, "true"));
        return ConsoleGreeting.text(
                Settings.read(folder, Map.of(), given),
                8080,
                new SignInLink(
                        () -> config,
                        unused,
                        new OneTimeLinks(Clock.systemUTC(), new SecureRandom()),
                        Optional::of,
                        Clock.systemUTC()));
    }

    @Test
    void it_has_an_address_for_a_browser_and_a_link() {
        String text = text("dev", "0.0.0.0");
        assertTrue(
                text.matches("Console: http://localhost:8080/console\nSign in once, within 15 minutes:"
                        + " http://localhost:8080/console/sign-in/link\\?token=[\\w-]{43}\n"),
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
