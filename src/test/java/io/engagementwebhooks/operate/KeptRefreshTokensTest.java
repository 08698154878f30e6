package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Refresh tokens that are good only once, in a store that others write to and that may be away. */
class KeptRefreshTokensTest {

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-12-01T10:00:00Z"));
    private Vault vault;
    private byte[] setting;
    private byte[] waiting;
    private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private boolean away;
    private final Set<String> claimed = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void makeVault() {
        vault = Vault.make(folder.resolve("key"), new SecureRandom());
    }

    private Store shared() {
        return InterceptedStore.of(null)
                .on("claim", (arguments, real) -> {
                    reach();
                    return claimed.add((String) arguments[0]);
                })
                .on("releaseClaim", (arguments, real) -> {
                    reach();
                    claimed.remove((String) arguments[0]);
                    return null;
                })
                .on("setting", (arguments, real) -> {
                    reach();
                    return arguments.length == 1 ? Optional.ofNullable(setting) : write((byte[]) arguments[1]);
                })
                .build();
    }

    private void reach() {
        if (away) {
            throw new StoreException("away", null);
        }
    }

    private CompletionStage<Void> write(byte[] value) {
        waiting = value;
        return writing.thenRun(() -> setting = waiting);
    }

    private static SalesforceConnection connection(String name) {
        return new SalesforceConnection(
                "acme",
                name,
                URI.create("https://login.example.com"),
                "client",
                new SalesforceLogin.RefreshToken(Secret.of("first of " + name), Secret.of("client secret")),
                "66.0",
                List.of(),
                new Batch(1, Duration.ZERO));
    }

    private static String latest(KeptRefreshTokens tokens, String name) {
        return tokens.latest(connection(name)).map(Secret::reveal).orElse(null);
    }

    /** Each reads what there is, adds its own and writes all of it. */
    @Test
    void tokens_stored_by_two_instances_at_the_same_time_are_both_kept() throws Exception {
        ExecutorService both = Executors.newFixedThreadPool(2);
        for (int round = 0; round < 50; round++) {
            String one = "a" + round;
            String other = "b" + round;
            CyclicBarrier start = new CyclicBarrier(2);
            List<Future<?>> keeping = new ArrayList<>();
            for (String name : List.of(one, other)) {
                KeptRefreshTokens instance = new KeptRefreshTokens(shared(), vault, clock);
                keeping.add(both.submit(() -> {
                    start.await();
                    return instance.keep(connection(name), Secret.of("second of " + name))
                            .toCompletableFuture()
                            .join();
                }));
            }
            for (Future<?> each : keeping) {
                each.get(60, TimeUnit.SECONDS);
            }
            KeptRefreshTokens others = new KeptRefreshTokens(shared(), vault, clock);
            assertEquals("second of " + one, latest(others, one));
            assertEquals("second of " + other, latest(others, other));
        }
        both.shutdown();
    }

    @Test
    void one_instance_at_a_time_logs_in_for_a_connection() {
        KeptRefreshTokens one = new KeptRefreshTokens(shared(), vault, clock);
        KeptRefreshTokens other = new KeptRefreshTokens(shared(), vault, clock);
        assertTrue(one.begin(connection("sales"), Duration.ofSeconds(60)));
        assertFalse(other.begin(connection("sales"), Duration.ofSeconds(60)));
        assertTrue(other.begin(connection("support"), Duration.ofSeconds(60)));
        one.end(connection("sales"));
        assertTrue(other.begin(connection("sales"), Duration.ofSeconds(60)));
    }

    /** The store of a single instance grants each claim. */
    @Test
    void one_login_at_a_time_uses_a_refresh_token_also_in_one_process() {
        Store single = InterceptedStore.of(null)
                .on("claim", (arguments, real) -> true)
                .on("releaseClaim", (arguments, real) -> null)
                .build();
        KeptRefreshTokens tokens = new KeptRefreshTokens(single, vault, clock);
        assertTrue(tokens.begin(connection("sales"), Duration.ofSeconds(60)));
        assertFalse(tokens.begin(connection("sales"), Duration.ofSeconds(60)));
        tokens.end(connection("sales"));
        assertTrue(tokens.begin(connection("sales"), Duration.ofSeconds(60)));
    }

    @Test
    void a_write_waits_for_that_of_another_instance_without_a_thread() {
        KeptRefreshTokens tokens = new KeptRefreshTokens(shared(), vault, clock);
        claimed.add(ActiveConfig.REFRESH_TOKENS);
        CompletableFuture<Void> keeping =
                tokens.keep(connection("sales"), Secret.of("second of sales")).toCompletableFuture();
        assertFalse(keeping.isDone());
        assertEquals("second of sales", latest(tokens, "sales"));
        claimed.clear();
        keeping.join();
        assertEquals("second of sales", latest(new KeptRefreshTokens(shared(), vault, clock), "sales"));
    }

    @Test
    void a_token_stored_during_a_write_does_not_replace_the_other() {
        KeptRefreshTokens tokens = new KeptRefreshTokens(shared(), vault, clock);
        writing = new CompletableFuture<>();
        CompletionStage<Void> one = tokens.keep(connection("sales"), Secret.of("second of sales"));
        CompletionStage<Void> other = tokens.keep(connection("support"), Secret.of("second of support"));
        assertEquals("second of sales", latest(tokens, "sales"), "before it is written");
        writing.complete(null);
        one.toCompletableFuture().join();
        other.toCompletableFuture().join();
        KeptRefreshTokens others = new KeptRefreshTokens(shared(), vault, clock);
        assertEquals("second of sales", latest(others, "sales"));
        assertEquals("second of support", latest(others, "support"));
        others.keep(connection("sales"), Secret.of("third of sales"));
        assertEquals("third of sales", latest(tokens, "sales"), "what is written is another's to replace");
    }

    @Test
    void a_token_received_during_a_store_outage_is_used_and_written_with_the_next() {
        KeptRefreshTokens tokens = new KeptRefreshTokens(shared(), vault, clock);
        away = true;
        CompletableFuture<Void> keeping =
                tokens.keep(connection("sales"), Secret.of("second of sales")).toCompletableFuture();
        assertInstanceOf(
                StoreException.class,
                assertThrows(CompletionException.class, keeping::join).getCause());
        assertEquals("second of sales", latest(tokens, "sales"));
        away = false;
        tokens.keep(connection("support"), Secret.of("second of support"));
        assertEquals("second of sales", latest(new KeptRefreshTokens(shared(), vault, clock), "sales"));
    }

    /** Semantics 51. */
    @Test
    void one_instance_keeps_an_idle_token_alive() {
        Duration week = Duration.ofDays(7);
        KeptRefreshTokens one = new KeptRefreshTokens(shared(), vault, clock);
        KeptRefreshTokens other = new KeptRefreshTokens(shared(), vault, clock);
        assertTrue(one.claimIdle(connection("sales"), week), "no login is known");
        assertFalse(other.claimIdle(connection("sales"), week), "one claimed it");
        one.used(connection("sales"));
        claimed.clear();
        clock.pass(week.minusSeconds(1));
        assertFalse(other.claimIdle(connection("sales"), week));
        assertFalse(new KeptRefreshTokens(shared(), vault, clock).claimIdle(connection("sales"), week), "a restart");
        clock.pass(Duration.ofSeconds(1));
        assertTrue(other.claimIdle(connection("sales"), week));
        claimed.clear();
        other.keep(connection("sales"), Secret.of("second of sales"));
        assertFalse(one.claimIdle(connection("sales"), week), "a rotated token was just used");
        assertTrue(one.claimIdle(connection("support"), week));
    }
}
