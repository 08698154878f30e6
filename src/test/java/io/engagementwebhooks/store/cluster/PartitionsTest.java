package io.engagementwebhooks.store.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.jdbc.IdleClusterListener;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.postgres.PostgresDialect;
import io.engagementwebhooks.store.query.PendingCount;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Instances that share the partitions by session locks and heartbeats (semantics 19); a test sends each heartbeat. */
class PartitionsTest {

    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final WebhookId CRM = Ids.webhook("acme", "crm");

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    private final Instance a = new Instance("a");
    private final Instance b = new Instance("b");

    private static final class Instance {
        private final String name;
        private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
        private long nanos = -5;
        private final Partitions partitions;
        private final BitSet inFlight = new BitSet();
        private BitSet sending = new BitSet();
        private Connection connection;
        private Statements statements;

        Instance(String name) {
            this.name = name;
            partitions = new Partitions(name, LEASE, new PendingCount(name), clock, () -> nanos);
            partitions.listen(new IdleClusterListener() {
                @Override
                public void ownershipChanged(BitSet now) {
                    sending = now;
                }

                @Override
                public BitSet inFlight() {
                    return (BitSet) inFlight.clone();
                }
            });
        }

        void startSession() throws SQLException {
            connection = DATABASE.connect();
            statements = new Statements(connection, new PostgresDialect(null));
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET search_path = public, running, pg_catalog");
                statement.execute("SET application_name = '" + name + "'");
            }
            partitions.start(statements);
        }

        void beat() throws SQLException {
            partitions.beat(statements);
        }

        void endSession() throws SQLException {
            if (connection != null) {
                connection.close();
            }
        }

        void assertSending(int many) {
            assertEquals(many, partitions.partitions());
            assertEquals(many, sending.cardinality(), "as reported");
            assertEquals(many > 0 && partitions.owned().contains(Ownership.partition(CRM)), partitions.owns(CRM));
        }
    }

    /** The grace after a start of the server has passed. */
    @BeforeEach
    void startSessions() throws SQLException {
        execute("CREATE SCHEMA IF NOT EXISTS running");
        execute("CREATE OR REPLACE FUNCTION running.pg_postmaster_start_time() RETURNS timestamptz LANGUAGE sql AS"
                + " 'SELECT now() - interval ''1 day'''");
        a.startSession();
        b.startSession();
    }

    @AfterEach
    void endSessions() throws SQLException {
        a.endSession();
        b.endSession();
        execute("DROP SCHEMA running CASCADE");
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void expire(String instance) throws SQLException {
        execute("UPDATE instance SET expires_at = clock_timestamp() - interval '1 second' WHERE id = '" + instance
                + "'");
    }

    private void share() throws SQLException {
        a.beat();
        a.assertSending(256);
        b.beat();
        b.assertSending(0);
        a.beat();
        b.beat();
        a.assertSending(128);
        b.assertSending(128);
    }

    @Test
    void instances_own_equal_shares_and_a_partition_in_flight_is_released_when_it_is_idle() throws SQLException {
        a.inFlight.set(0, 256);
        a.beat();
        b.beat();
        a.beat();
        b.beat();
        a.assertSending(128);
        b.assertSending(0);
        a.inFlight.clear(200, 256);
        a.beat();
        b.beat();
        b.assertSending(56);
        a.inFlight.clear();
        a.beat();
        b.beat();
        b.assertSending(128);
        BitSet both = (BitSet) a.sending.clone();
        both.or(b.sending);
        assertEquals(256, both.cardinality());
    }

    /** A proxy may reset the connection, or an administrator end the session. */
    @Test
    void an_owner_whose_session_has_ended_goes_on_and_keeps_its_partitions() throws SQLException {
        share();
        execute("SELECT pg_terminate_backend(" + backend(a.connection) + ")");
        b.beat();
        b.assertSending(128);
        a.assertSending(128);
        BitSet before = a.sending;
        a.startSession();
        a.assertSending(0);
        a.beat();
        assertEquals(before, a.sending);
    }

    private static int backend(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** A silent connection: the server does not know yet that it is broken. */
    @Test
    void a_new_session_ends_the_former_one_and_keeps_its_partitions() throws SQLException {
        share();
        Connection former = a.connection;
        a.startSession();
        a.beat();
        a.assertSending(128);
        assertFalse(former.isValid(5));
        b.beat();
        b.assertSending(128);
    }

    @Test
    void a_new_session_releases_no_partition_with_requests_in_flight() throws SQLException {
        a.beat();
        a.inFlight.set(0, 256);
        b.beat();
        a.startSession();
        a.beat();
        a.assertSending(128);
        b.beat();
        b.assertSending(0);
        a.inFlight.clear();
        a.beat();
        b.beat();
        b.assertSending(128);
    }

    /** Transactions of outcomes lock the rows of their partitions. */
    @Test
    void a_heartbeat_waits_for_no_transaction() throws SQLException {
        a.beat();
        try (Connection outcome = DATABASE.connect();
                Statement writes = outcome.createStatement();
                Statement session = a.connection.createStatement()) {
            session.execute("SET lock_timeout = 1000");
            outcome.setAutoCommit(false);
            writes.execute("SELECT number FROM partition WHERE number = 255 FOR SHARE");
            b.beat();
            a.beat();
            b.beat();
            b.assertSending(127);

            b.endSession();
            expire("b");
            writes.execute("SELECT number FROM partition WHERE number = 200 FOR SHARE");
            a.beat();
            a.assertSending(254);
            outcome.rollback();
            a.beat();
            a.assertSending(256);
        }
    }

    @Test
    void a_lock_without_an_expired_row_and_an_expired_row_without_a_lock_are_not_enough() throws SQLException {
        share();
        expire("a");
        b.beat();
        b.assertSending(128);
        a.beat();
        a.endSession();
        b.beat();
        b.assertSending(128);
        expire("a");
        b.beat();
        b.assertSending(256);

        a.startSession();
        a.beat();
        a.assertSending(0);
        b.beat();
        a.beat();
        a.assertSending(128);
        b.assertSending(128);
    }

    @Test
    void released_partitions_are_taken_at_once() throws SQLException {
        share();
        a.endSession();
        execute("UPDATE partition SET owner = NULL WHERE owner = 'a'");
        execute("DELETE FROM instance WHERE id = 'a'");
        b.beat();
        b.assertSending(256);
    }

    /** The monotonic clock may stop while the machine is suspended, and the wall clock may be set. */
    @Test
    void an_owner_stops_by_the_clock_that_says_so_first() throws SQLException {
        share();
        a.clock.pass(LEASE);
        assertEquals(0, a.partitions.partitions());
        assertFalse(a.partitions.lease().orElseThrow().isValid());
        a.partitions.report();
        a.assertSending(0);
        a.beat();
        a.assertSending(128);

        a.clock.pass(LEASE.negated());
        a.assertSending(128);
        a.nanos += LEASE.toNanos() * 9 / 10;
        assertEquals(0, a.partitions.partitions());
        a.beat();
        a.assertSending(128);
    }

    /** Both clocks of the owner stand still: its next heartbeat finds out, and reports it first. */
    @Test
    void an_owner_whose_clocks_stood_still_learns_with_its_next_heartbeat_that_it_lost_its_partitions()
            throws SQLException {
        share();
        a.endSession();
        expire("a");
        b.beat();
        b.assertSending(256);
        a.assertSending(128);
        a.startSession();
        a.assertSending(0);
        a.beat();
        a.assertSending(0);
    }

    @Test
    void a_partition_that_was_taken_by_hand_is_lost() throws SQLException {
        share();
        int first = a.sending.nextSetBit(0);
        execute("UPDATE partition SET owner = 'b' WHERE number = " + first);
        a.beat();
        a.assertSending(127);
        assertFalse(a.sending.get(first));
    }

    @Test
    void a_tenth_of_the_lease_before_it_ends_nothing_is_owned() throws SQLException {
        a.beat();
        a.nanos += LEASE.toNanos() * 9 / 10 - 1;
        a.assertSending(256);
        assertTrue(a.partitions.owns(CRM));
        a.nanos++;
        assertFalse(a.partitions.owns(CRM));
    }

    @Test
    void webhooks_are_spread_over_all_partitions() {
        long used = IntStream.range(0, 5_000)
                .map(i -> Ownership.partition(Ids.webhook("account-" + i % 10, "webhook-" + i)))
                .distinct()
                .count();
        assertEquals(Ownership.PARTITIONS, used);
    }
}
