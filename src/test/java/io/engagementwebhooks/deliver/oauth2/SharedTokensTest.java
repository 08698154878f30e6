package io.engagementwebhooks.deliver.oauth2;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.cluster.ClusterStore;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleClient;
import io.engagementwebhooks.testkit.StrictTokenServer;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tokens of two instances on one PostgreSQL. Each has two threads for them, one for each account. */
@ExtendWith(Patience.class)
class SharedTokensTest extends TokenFixture {

    private static final int MANY = 200;

    /** Longer than a test. */
    private static final Duration LONG = Duration.ofHours(1);

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    private final StrictTokenServer server = server();
    private final OAuthClient client = sample(server).client();
    private TokenSharing sharing;
    private TokenSource one;
    private TokenSource other;

    /** Shares tokens as the product does, but not encrypted. */
    private record Claims(ClusterStore cluster) implements TokenSharing {

        @Override
        public Optional<byte[]> kept(String name) {
            return cluster.claimResult(name);
        }

        @Override
        public void keep(String name, byte[] token) {
            cluster.releaseClaim(name, token);
        }

        @Override
        public boolean claim(String name, Duration timeout) {
            return cluster.claim(name, timeout);
        }

        @Override
        public void release(String name) {
            cluster.releaseClaim(name, null);
        }
    }

    /** The store is unreachable, at least for results. */
    private record Unreachable(boolean isRead) implements TokenSharing {

        @Override
        public Optional<byte[]> kept(String name) {
            if (isRead) {
                return Optional.empty();
            }
            throw new StoreException("unreachable", null);
        }

        @Override
        public void keep(String name, byte[] token) {
            throw new StoreException("unreachable", null);
        }
    }

    @BeforeEach
    void start() {
        sharing = instance();
        one = source(sharing);
        other = source(instance());
    }

    private TokenSharing instance() {
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        return new Claims(
                opened(PostgresStore.open(address, LONG, Clock.systemUTC())).cluster());
    }

    private TokenSource source(TokenSharing of) {
        FairExecutor threads = opened(new FairExecutor("token", 2, new Ledger(1 << 20)));
        return new TokenSource(of, egress, threads::execute, clock, () -> 0, LONG);
    }

    private StrictTokenServer server() {
        return opened(new StrictTokenServer(ID, SECRET, StrictTokenServer.Way.BASIC));
    }

    private static SampleClient sample(StrictTokenServer of) {
        return new SampleClient(of.url(), ID, SECRET);
    }

    private List<CompletableFuture<Token>> obtainMany(TokenSource source) {
        return IntStream.range(0, MANY)
                .mapToObj(i -> source.obtain(sample(server).scope("scope-" + i).client()))
                .toList();
    }

    @Test
    void clients_that_wait_for_an_endpoint_or_another_instance_hold_no_thread() {
        server.hold();
        List<CompletableFuture<Token>> requested = obtainMany(one);
        await("all in flight").until(() -> server.requests() == MANY);
        List<CompletableFuture<Token>> awaited = obtainMany(other);

        StrictTokenServer healthy = server();
        for (TokenSource source : List.of(one, other)) {
            Patience.get(source.obtain(sample(healthy).client()));
            Patience.get(source.obtain(sample(healthy).of("another-account").client()));
        }

        assertTrue(requested.stream().noneMatch(CompletableFuture::isDone));
        assertTrue(awaited.stream().noneMatch(CompletableFuture::isDone));
        assertEquals(2, healthy.requests(), "one for each account");
        server.release();
        for (int i = 0; i < MANY; i++) {
            assertEquals(
                    Patience.get(requested.get(i)).value(),
                    Patience.get(awaited.get(i)).value());
        }
        assertEquals(MANY, server.requests());
    }

    @Test
    void after_a_failed_request_another_instance_sends_the_next() {
        server.hold();
        server.answer(503, "");
        CompletableFuture<Token> failing = one.obtain(client);
        await().until(() -> server.requests() == 1);
        CompletableFuture<Token> waiting = other.obtain(client);
        server.release();

        assertTrue(server.knows(Patience.get(waiting).value().reveal()));
        assertEquals(2, server.requests());
        assertThrows(CompletionException.class, () -> Patience.get(failing));
        assertTrue(one.problem(client).orElseThrow().endsWith(" answered 503"));
    }

    @Test
    void a_claim_ends_with_a_request_that_cannot_be_built() {
        SharedTokens shared = new SharedTokens(sharing, clock, LONG);
        CompletableFuture<Token> failing = shared.newer(null, client, Runnable::run, () -> {
            throw new IllegalStateException("the key cannot sign");
        });
        assertThrows(CompletionException.class, failing::join);

        Patience.get(other.obtain(client));
    }

    @Test
    void a_claim_of_an_instance_that_died_expires() {
        assertTrue(sharing.claim(CacheKey.of(client).text(), Duration.ofMillis(200)));

        Patience.get(other.obtain(client));

        assertEquals(1, server.requests());
    }

    @Test
    void an_instance_that_takes_too_long_is_not_awaited() {
        assertTrue(sharing.claim(CacheKey.of(client).text(), LONG));

        assertRequests(new SharedTokens(sharing, clock, Duration.ofMillis(200)));
    }

    @Test
    void without_the_store_an_instance_uses_its_own_token() {
        assertRequests(new SharedTokens(new Unreachable(false), clock, LONG));
        assertRequests(new SharedTokens(new Unreachable(true), clock, LONG));
    }

    private void assertRequests(SharedTokens shared) {
        Token token = new Token(Secret.of("t"), clock.instant(), Duration.ofHours(1), true);

        assertSame(
                token,
                Patience.get(
                        shared.newer(null, client, Runnable::run, () -> CompletableFuture.completedFuture(token))));
    }
}
