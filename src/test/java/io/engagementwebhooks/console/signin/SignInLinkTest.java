package io.engagementwebhooks.console.signin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.console.RefusedWrites;
import io.engagementwebhooks.console.Visitor;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The link of the first start. What a start prints needs its own product. */
@Timeout(300)
class SignInLinkTest {

    private static final String TOKEN = "?token=";
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));

    @TempDir
    private Path stored;

    @AutoClose
    private Store store;

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(stored.resolve("data").resolve("webhooks.db"), clock);
    }

    private static Account account(String id, ApiKey.Role role) {
        return new Account(
                id, List.of(ApiKey.of("key-of-" + id, role, Secret.of("a-key-of-" + id + "-000"))), List.of());
    }

    private SignInLink link(Account... accounts) {
        Config all = new Config(List.of(accounts), Config.Resources.of(List.of()));
        return new SignInLink(
                () -> all, store.settings(), Vaults.open(stored.resolve("store.key")), clock, new SecureRandom());
    }

    private static String token(SignInLink link) {
        String path = link.offer().orElseThrow();
        return path.substring(path.indexOf(TOKEN) + TOKEN.length());
    }

    @Test
    void it_signs_in_the_admin_of_the_only_account_once() {
        SignInLink link = link(account("acme", ApiKey.Role.ADMIN), account("other", ApiKey.Role.READ));
        String token = token(link);
        assertTrue(link.redeem("").isEmpty());
        assertTrue(link.redeem(token.substring(1)).isEmpty());
        assertTrue(link.caller(token).isPresent());
        assertEquals("key-of-acme", link.redeem(token).orElseThrow().key().name());
        assertTrue(link.caller(token).isEmpty());
        assertTrue(link.redeem(token).isEmpty(), "once");
    }

    @Test
    void it_works_at_another_instance_and_is_invalid_after_a_sign_in_there() {
        SignInLink link = link(account("acme", ApiKey.Role.ADMIN));
        SignInLink other = link(account("acme", ApiKey.Role.ADMIN));
        String token = token(link);
        assertTrue(other.caller(token).isPresent());
        other.signedIn();
        assertTrue(link.redeem(token).isEmpty());
        link.signedIn();
        assertTrue(link.offer().isEmpty());
    }

    @Test
    void it_signs_in_with_no_other_key_than_that_of_its_offer() {
        String token = token(link(account("acme", ApiKey.Role.ADMIN)));
        SignInLink other = link(account("other", ApiKey.Role.ADMIN));
        assertTrue(other.caller(token).isEmpty());
        assertTrue(other.redeem(token).isEmpty());
        assertTrue(link(account("acme", ApiKey.Role.ADMIN)).redeem(token).isPresent());
    }

    @Test
    @SuppressWarnings("try")
    void a_store_that_refuses_changes_refuses_the_link_and_no_other_sign_in() throws SQLException {
        SignInLink link = link(account("acme", ApiKey.Role.ADMIN));
        String token = token(link);
        try (RefusedWrites full = new RefusedWrites(stored.resolve("data").resolve("webhooks.db"), "setting")) {
            assertThrows(CompletionException.class, () -> link.redeem(token));
            link.signedIn();
        }
        assertTrue(link.caller(token).isPresent());
        link.signedIn();
        assertTrue(link.caller(token).isEmpty(), "the next sign-in is recorded");
    }

    @Test
    void it_ends_after_fifteen_minutes() {
        SignInLink link = link(account("acme", ApiKey.Role.ADMIN));
        String token = token(link);
        clock.pass(PortalSessions.LINK_LASTS);
        assertTrue(link.redeem(token).isEmpty());
        assertTrue(link.redeem(token(link)).isPresent());
    }

    @Test
    void there_is_no_link_if_the_account_is_ambiguous() {
        assertTrue(link().offer().isEmpty());
        assertTrue(link(account("acme", ApiKey.Role.READ)).offer().isEmpty());
        assertTrue(link(account("acme", ApiKey.Role.ADMIN), account("other", ApiKey.Role.ADMIN))
                .offer()
                .isEmpty());
    }

    @Test
    void only_the_first_start_prints_a_link_which_a_form_uses(@TempDir Path folder) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        RunningProduct product;
        try {
            product = RunningProduct.start(
                    folder, "accounts: [{id: acme, apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]}]");
        } finally {
            System.setOut(before);
        }
        try {
            String console = "http://localhost:" + product.port() + "/console";
            String text = printed.toString(StandardCharsets.UTF_8);
            assertTrue(text.contains("Console: " + console + "\n"), text);
            String line = lines(text, "Sign in once").findFirst().orElseThrow();
            String path = line.substring(line.indexOf(console) + console.length() - "/console".length());
            Visitor visitor = new Visitor(product);
            for (int i = 0; i < 2; i++) {
                HttpResponse<String> page = visitor.get(path);
                assertEquals(200, page.statusCode(), "looking at it uses nothing up");
                assertEquals(
                        "strict-origin",
                        page.headers().firstValue("Referrer-Policy").orElse(""));
                assertEquals(
                        "no-store", page.headers().firstValue("Cache-Control").orElse(""));
            }
            String token = path.substring(path.indexOf(TOKEN) + TOKEN.length());
            assertEquals(
                    403,
                    visitor.post("/console/sign-in/link", "token", "guessed").statusCode());
            HttpResponse<String> in = visitor.post("/console/sign-in/link", "token", token);
            assertEquals(303, in.statusCode(), in.body());
            assertEquals(200, visitor.get("/console/overview").statusCode());
            assertEquals(
                    403,
                    new Visitor(product)
                            .post("/console/sign-in/link", "token", token)
                            .statusCode());

            product.stop();
            printed.reset();
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            try {
                product.start();
            } finally {
                System.setOut(before);
            }
            String again = printed.toString(StandardCharsets.UTF_8);
            assertEquals(1, lines(again, "Console: ").count(), again);
            assertFalse(again.contains(TOKEN), again);
            assertEquals(200, visitor.get("/console/overview").statusCode(), "the session outlives the restart");
            assertEquals(303, visitor.post("/console/theme", "theme", "dark").statusCode(), "and so do its forms");
        } finally {
            product.close();
        }
    }

    private static Stream<String> lines(String text, String begin) {
        return text.lines().filter(line -> line.startsWith(begin));
    }
}
