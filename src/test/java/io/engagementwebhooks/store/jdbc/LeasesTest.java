package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SettableClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The lease of one instance. */
@Timeout(300)
class LeasesTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

    private static final Leases.Listener NOTHING = new Leases.Listener() {
        @Override
        public void ownershipChanged() {}

        @Override
        public void poll() {}

        @Override
        public void rejoined() {}
    };

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));

    /** A check after the expiry has recorded that nothing is owned. */
    @Test
    void a_briefly_expired_lease_is_reported_on_renewal() {
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        Set<String> notifiedBy = ConcurrentHashMap.newKeySet();
        try (Leases leases = new Leases("a", LEASE, () -> unlocked(address), new PostgresDialect(null), clock)) {
            leases.start(new Leases.Listener() {
                @Override
                public void ownershipChanged() {
                    notifiedBy.add(Thread.currentThread().getName());
                }

                @Override
                public void poll() {}

                @Override
                public void rejoined() {}
            });
            assertEquals(Leases.PARTITIONS, leases.partitions(), "alone");
            notifiedBy.clear();
            assertTrue(leases.lease().orElseThrow().isValid());
            clock.pass(LEASE);
            leases.poll();
            // poll reports it; the thread that checks regularly may have missed it
            Awaitility.await().until(() -> notifiedBy.contains("leases"));
            assertEquals(Leases.PARTITIONS, leases.partitions(), "renewed");
            assertTrue(leases.lease().orElseThrow().isValid());
        }
    }

    @Test
    void a_silent_connection_does_not_lose_the_lease() throws Exception {
        // a third of it passes, and the rest is longer than the test waits for the new connection
        Duration lease = Patience.LONG.multipliedBy(3);
        try (SilentProxy way = new SilentProxy(DATABASE.url())) {
            PostgresAddress around = new PostgresAddress(way.url(), Postgres.USER, Optional.empty());
            try (Leases leases = new Leases("a", lease, () -> unlocked(around), new PostgresDialect(null), clock)) {
                leases.start(NOTHING);
                int before = way.connections();
                way.fallSilent();
                Instant begin = Instant.now();
                leases.poll();
                Awaitility.await().until(() -> way.connections() > before);
                // as if the connection stopped forwarding right before the renewal
                clock.pass(Duration.ofMillis(leases.renewIntervalMs()).plus(Duration.between(begin, Instant.now())));
                assertEquals(Leases.PARTITIONS, leases.partitions(), "there is time for another connection");
            }
        }
    }

    @Test
    void a_silent_connection_times_out_early_enough_for_another() throws SQLException {
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        for (Duration lease : List.of(Duration.ofSeconds(10), LEASE)) {
            AtomicReference<Connection> made = new AtomicReference<>();
            Connecting connecting = () -> {
                made.set(unlocked(address));
                return made.get();
            };
            try (Leases leases = new Leases("of " + lease, lease, connecting, new PostgresDialect(null), clock)) {
                leases.start(NOTHING);
                int silenceMs = made.get().getNetworkTimeout();
                assertTrue(silenceMs > 0, "it is given up");
                long givenUpAfterMs = leases.renewIntervalMs() + silenceMs;
                assertTrue(givenUpAfterMs < lease.toMillis() * 9 / 10, () -> lease + ": " + givenUpAfterMs);
            }
        }
    }

    private static Connection unlocked(PostgresAddress address) throws SQLException {
        Connection connection = address.connect("leases", "");
        connection.setAutoCommit(false);
        return connection;
    }
}
