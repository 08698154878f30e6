package io.engagementwebhooks.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SettableClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one instance makes of its lease. */
@Timeout(300)
class LeasesTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

    private final String url = Postgres.newDatabase();
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));

    @AfterEach
    void dropDatabase() {
        Postgres.drop(url);
    }

    /** Whoever looked while it had ended has put down that nothing is ours. */
    @Test
    void a_lease_that_had_ended_for_a_moment_only_is_told_of_when_it_is_renewed() {
        PostgresAddress address = new PostgresAddress(url, Postgres.USER, Optional.empty());
        PostgresStore.open(address, clock).close();
        Set<String> toldBy = ConcurrentHashMap.newKeySet();
        try (Leases leases = new Leases("a", LEASE, () -> unlocked(address), clock)) {
            leases.start(new Leases.Told() {
                @Override
                public void moved() {
                    toldBy.add(Thread.currentThread().getName());
                }

                @Override
                public void look() {}

                @Override
                public void rejoined() {}
            });
            assertEquals(Leases.PARTITIONS, leases.partitions(), "alone");
            toldBy.clear();
            clock.pass(LEASE);
            leases.look();
            // not by the thread that looks now and then, which may have missed it
            Awaitility.await().until(() -> toldBy.contains("leases"));
            assertEquals(Leases.PARTITIONS, leases.partitions(), "renewed");
        }
    }

    @Test
    void a_connection_on_which_nothing_comes_any_more_does_not_cost_the_lease() throws Exception {
        PostgresAddress address = new PostgresAddress(url, Postgres.USER, Optional.empty());
        PostgresStore.open(address, clock).close();
        try (SilentWay way = new SilentWay(url)) {
            PostgresAddress around = new PostgresAddress(way.url(), Postgres.USER, Optional.empty());
            AtomicBoolean ended = new AtomicBoolean();
            try (Leases leases = new Leases("a", LEASE, () -> unlocked(around), Clock.systemUTC())) {
                leases.start(new Leases.Told() {
                    @Override
                    public void moved() {
                        ended.compareAndSet(false, leases.partitions() == 0);
                    }

                    @Override
                    public void look() {}

                    @Override
                    public void rejoined() {}
                });
                int before = way.connections();
                way.fallSilent();
                Awaitility.await().until(() -> way.connections() > before);
                Awaitility.await().until(() -> ended.get() || leases.partitions() == Leases.PARTITIONS);
                assertFalse(ended.get(), "it was renewed in time");
            }
        }
    }

    private static Connection unlocked(PostgresAddress address) throws SQLException {
        Connection connection = address.connect("leases", "");
        connection.setAutoCommit(false);
        return connection;
    }
}
