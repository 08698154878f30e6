package io.engagementwebhooks.store.sqlite;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.jdbc.StoreFixture;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deliveries of a webhook in the embedded store, indexed in segments and not indexed yet. */
public class DeliverySegmentsTest extends StoreFixture {

    private static final int WEBHOOKS = 40;
    private static final int GROUP = DeliverySegments.BATCH / 2;

    @TempDir
    Path folder;

    /** The ids by webhook, as they must be listed. */
    private final Map<String, TreeSet<String>> expected = new TreeMap<>();

    private final Random random = new Random(19);
    private boolean someAreLate = true;
    private int events;

    @Override
    public Store open(Clock clock) {
        MigratedSqlite.copyTo(file());
        return SqliteStore.open(file(), clock);
    }

    private Path file() {
        return folder.resolve("webhooks.db");
    }

    private void reopen() {
        store.close();
        store = open(clock);
    }

    /** One delivery in fifty has an id of up to an hour ago, as that of a fan-out that was inserted late. */
    private void accept(int deliveries) {
        for (int from = 0; from < deliveries; from += GROUP) {
            List<Intake> intakes = new ArrayList<>();
            for (int i = from; i < Math.min(deliveries, from + GROUP); i++) {
                clock.pass(Duration.ofMillis(random.nextInt(100)));
                Instant at = clock.instant()
                        .minusSeconds(someAreLate && random.nextInt(50) == 0 ? random.nextInt(3_600) : 0);
                // the last webhooks have few deliveries
                String webhook = "w-" + (int) (WEBHOOKS * Math.pow(random.nextDouble(), 3));
                intakes.add(intake(webhook, at));
            }
            get(store.events().accept(intakes));
        }
    }

    private Intake intake(String webhook, Instant at) {
        String id = UlidCreator.getUlid(at.toEpochMilli()).toString();
        expected.computeIfAbsent(webhook, any -> new TreeSet<>()).add(id);
        NewDelivery delivery = new NewDelivery(id, Ids.webhook("acme", webhook), null, at, at, null);
        return new SampleIntake("acme", "e" + events++, "call.ended", null, "{}", List.of(delivery)).intake();
    }

    private String value(String sql) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private void change(String sql) {
        get(((SqliteStore) store).write(statements -> statements.update(sql)));
    }

    private List<String> newest(String webhook, Instant from, Instant to, String before, int limit) {
        return store
                .deliveries()
                .deliveries(SampleQuery.of("acme", webhook, null, null, from, to, before, limit))
                .stream()
                .map(DeliveryRow::id)
                .toList();
    }

    private List<String> listed(String webhook, int page) {
        List<String> all = new ArrayList<>();
        List<String> ids = newest(webhook, null, null, null, page);
        while (!ids.isEmpty()) {
            all.addAll(ids);
            ids = newest(webhook, null, null, ids.get(ids.size() - 1), page);
        }
        return all;
    }

    private List<String> searched(String webhook, int page) {
        List<String> all = new ArrayList<>();
        String before = null;
        do {
            var found = store.deliveries()
                    .search(SampleQuery.of("acme", webhook, null, "delivered", null, null, before, page), page);
            found.deliveries().forEach(row -> all.add(row.id()));
            before = found.examinedDownTo();
        } while (before != null);
        return all;
    }

    private List<String> replayable(String webhook, int page) {
        DeliveryQuery filter = SampleQuery.replay("acme", webhook, null, null, null, null);
        List<String> all = new ArrayList<>();
        String after = null;
        while (true) {
            ReplayJobs.Found found = store.replays().find(filter, after, "~", page, page);
            found.deliveries().forEach(match -> all.add(match.id()));
            if (found.end()) {
                return all;
            }
            after = found.position();
        }
    }

    private static List<String> newestFirst(TreeSet<String> ids) {
        return List.copyOf(ids.descendingSet());
    }

    private void assertAllListed() {
        expected.forEach((webhook, ids) -> {
            assertEquals(newestFirst(ids), listed(webhook, 1_000), webhook);
            assertEquals(List.copyOf(ids), replayable(webhook, 1_000), webhook);
        });
        assertEquals(
                Integer.toString(
                        expected.values().stream().mapToInt(TreeSet::size).sum()),
                value("SELECT count(*) FROM delivery"));
    }

    private static long number(String value) {
        return Long.parseLong(value);
    }

    @Test
    void deliveries_of_a_webhook_are_listed_in_the_order_of_their_ids() {
        int most = 2 * DeliverySegments.SIZE + 3 * DeliverySegments.BATCH / 2;
        accept(most / 2);
        assertAllListed();
        reopen();
        accept(most - most / 2);
        assertAllListed();
        assertEquals(3, number(value("SELECT count(*) FROM segment")));
        long waiting = notIndexed();
        assertTrue(waiting > 0 && waiting < DeliverySegments.BATCH + GROUP, "not indexed: " + waiting);
        assertEquals(
                waiting,
                number(value("SELECT count(*) FROM delivery WHERE key > (SELECT max(last_key) FROM segment)")));

        assertEquals(List.of(), newest("w-" + WEBHOOKS, null, null, null, 10));
        Instant from = StoreFixture.START.plusSeconds(300);
        Instant to = clock.instant().minusSeconds(20);
        List<String> within = newestFirst(expected.get("w-0")).stream()
                .filter(id -> !Ulid.getInstant(id).isBefore(from)
                        && Ulid.getInstant(id).isBefore(to))
                .toList();
        assertTrue(within.size() > 1_000, "deliveries " + within.size());
        assertEquals(within.subList(0, 1_000), newest("w-0", from, to, null, 1_000));
    }

    /** The caller of a small group would wait for a whole batch. */
    @Test
    void a_small_group_indexes_a_part_of_a_batch() {
        accept(DeliverySegments.BATCH - 1);
        assertEquals(DeliverySegments.BATCH - 1, notIndexed());
        for (int i = 0; i < 3; i++) {
            accept(1);
            assertEquals(DeliverySegments.BATCH - DeliverySegments.STEP, notIndexed());
            assertAllListed();
            accept(DeliverySegments.STEP - 1);
            assertEquals(DeliverySegments.BATCH - 1, notIndexed());
        }

        accept(DeliverySegments.BATCH / 16);
        assertEquals(0, notIndexed(), "a large group indexes the batch");
    }

    @Test
    void a_fault_or_a_restart_keeps_what_is_not_indexed() {
        accept(DeliverySegments.BATCH - 1);
        accept(1);
        long left = notIndexed();
        assertEquals(DeliverySegments.BATCH - DeliverySegments.STEP, left);

        assertThrows(RuntimeException.class, () -> change("INSERT INTO account (id) VALUES (NULL)"));
        accept(1);
        assertEquals(left + 1, notIndexed());
        assertAllListed();

        reopen();
        accept(1);
        assertEquals(left + 2, notIndexed());
        assertAllListed();

        accept(DeliverySegments.BATCH);
        assertEquals(GROUP, notIndexed());
        assertAllListed();
    }

    @Test
    void a_segment_begins_when_a_small_group_indexes() {
        int group = 300;
        while (number(value("SELECT count(*) FROM delivery WHERE segment > 0"))
                < DeliverySegments.SIZE - DeliverySegments.BATCH) {
            accept(group);
        }
        accept((int) (DeliverySegments.BATCH - 1 - notIndexed()));
        assertEquals(1, number(value("SELECT count(*) FROM segment")));
        int groups = 0;
        do {
            accept(1);
            groups++;
        } while (number(value("SELECT count(*) FROM segment")) == 1);
        assertTrue(groups > 1 && notIndexed() > DeliverySegments.STEP, groups + " groups, " + notIndexed() + " left");
        assertAllListed();
        accept(1);
        assertAllListed();
    }

    private long notIndexed() {
        return number(value("SELECT count(*) FROM delivery WHERE segment < 0"));
    }

    @Test
    void what_is_read_of_a_webhook_is_of_its_newest_deliveries() {
        accept(DeliverySegments.SIZE + 2 * DeliverySegments.BATCH);
        change("UPDATE delivery SET outcome = 'delivered', state = 'delivered', ended_at = accepted_at + 1");
        accept(100);
        TreeSet<String> ids = expected.get("w-0");
        WebhookId webhook = Ids.webhook("acme", "w-0");
        List<Instant> accepted =
                newestFirst(ids).stream().map(Ulid::getInstant).limit(1_000).toList();
        assertEquals(
                accepted,
                store.activity().deliveries(webhook, 1_000).stream()
                        .map(recent -> recent.acceptedAt())
                        .toList());
        Instant from = clock.instant().minusSeconds(300);
        List<Instant> since = store.activity()
                .since(List.of(webhook), from, 10_000)
                .get(webhook)
                .all();
        String first = Ulid.min(from.toEpochMilli()).toString();
        assertEquals(ids.tailSet(first).size(), since.size());
        assertEquals(
                "delivered",
                store.stats().health("acme", List.of(webhook)).get(webhook).lastOutcome());
        List<String> done = List.of(value("SELECT group_concat(d.id, ',' ORDER BY d.id DESC) FROM delivery d"
                        + " JOIN resource r ON r.key = d.webhook WHERE r.name = 'w-0' AND d.outcome IS NOT NULL")
                .split(","));
        assertTrue(done.size() > 1_000 && done.size() < ids.size(), done.size() + " of " + ids.size());
        assertEquals(done, searched("w-0", 700));
    }

    @Test
    void a_group_that_fails_changes_no_segment() {
        accept(DeliverySegments.SIZE + DeliverySegments.BATCH - GROUP);
        for (int i = 0; i < 3; i++) {
            assertThrows(RuntimeException.class, () -> change("INSERT INTO account (id) VALUES (NULL)"));
            accept(GROUP);
        }
        assertAllListed();
        assertEquals(2, number(value("SELECT count(*) FROM segment")));
    }

    /** Retention removes the newest of them, too, and SQLite would give their keys to others. */
    @Test
    void keys_of_removed_deliveries_are_not_used_again() {
        accept(DeliverySegments.BATCH + GROUP);
        change("DELETE FROM delivery");
        expected.clear();
        reopen();
        accept(10);
        assertAllListed();
        assertFalse(expected.isEmpty());
    }

    @Test
    void segments_without_deliveries_are_removed() {
        someAreLate = false;
        accept(2 * DeliverySegments.SIZE + 2 * DeliverySegments.BATCH);
        assertEquals(3, number(value("SELECT count(*) FROM segment")));
        String last = value("SELECT after_id FROM segment ORDER BY number DESC LIMIT 1");
        change("DELETE FROM delivery WHERE id <= '" + last + "'");
        expected.values().forEach(ids -> ids.headSet(last, true).clear());
        accept(DeliverySegments.SIZE);
        assertAllListed();
        assertEquals("1,3,4", value("SELECT group_concat(number) FROM (SELECT number FROM segment ORDER BY number)"));
        // an id of the range of a removed segment
        get(store.events().accept(List.of(intake("w-0", StoreFixture.START.plusSeconds(900)))));
        accept(DeliverySegments.BATCH);
        assertAllListed();
    }

    /** Its copy by {@code .recover} may lack rows of any table. */
    @Test
    void a_recovered_store_is_indexed_again() {
        accept(DeliverySegments.SIZE + DeliverySegments.BATCH);
        change("DELETE FROM segment");
        reopen();
        assertAllListed();
        assertEquals(0, notIndexed());
        accept(DeliverySegments.BATCH);
        assertAllListed();
        assertEquals(2, number(value("SELECT count(*) FROM segment")));
    }

    /** The store was killed while it made the index. */
    @Test
    void a_start_continues_to_index() {
        accept(3 * DeliverySegments.BATCH);
        change("UPDATE delivery SET segment = -1 WHERE key > 100");
        change("UPDATE segment SET last_key = 100");
        reopen();
        assertAllListed();
        assertEquals(0, notIndexed());
    }

    @Test
    void a_query_by_webhook_reads_the_index_of_each_segment_and_the_keys_after_it() {
        String query = "EXPLAIN QUERY PLAN SELECT * FROM "
                + DeliverySegments.ofWebhook(
                        "d.*", "WHERE d.webhook = 1 AND +d.account = 1 AND d.id < 'x'", "DESC", "50");
        List<String> steps = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                steps.add(rows.getString("detail"));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        int index = steps.indexOf("SEARCH d USING INDEX delivery_of_webhook (segment=? AND webhook=? AND id<?)");
        int keys = steps.indexOf("SEARCH d USING INTEGER PRIMARY KEY (rowid>?)");
        assertTrue(index > 0 && keys > index, steps.toString());
        assertEquals("SEARCH s USING INTEGER PRIMARY KEY (rowid>?)", steps.get(index - 1));
        // of the newest of each side, and no sort of a segment
        assertFalse(steps.get(index + 1).contains("ORDER BY"), steps.toString());
    }
}
