package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Folders;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.testkit.SettableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Pages of deliveries, newest first: each is listed once, whatever arrives in between. */
class PagingPropertiesTest {

    private static final SettableClock CLOCK = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private static final List<String> WEBHOOKS = List.of("crm", "erp", "files");

    private static Path folder;
    private static SqliteStore store;
    private static int accounts;
    private static int events;

    @BeforeContainer
    static void open() throws IOException {
        folder = Files.createTempDirectory("paging");
        store = SqliteStore.open(folder.resolve("webhooks.db"), CLOCK);
    }

    @AfterContainer
    static void close() throws IOException {
        store.close();
        Folders.delete(folder);
    }

    /** Each step accepts an event for one or all webhooks, in the same millisecond as the last one or later. */
    private static List<String> accept(String account, List<Integer> steps) {
        List<String> ids = new ArrayList<>();
        for (int step : steps) {
            CLOCK.pass(Duration.ofMillis(step / 8));
            SampleIntake intake = SampleIntake.event("p" + events++).of(account);
            for (String webhook : step % 4 == 3 ? WEBHOOKS : List.of(WEBHOOKS.get(step % 4))) {
                intake = intake.to(webhook, CLOCK);
            }
            intake.deliveries().forEach(delivery -> ids.add(delivery.id()));
            store.events()
                    .accept(List.of(intake.intake()))
                    .toCompletableFuture()
                    .join();
        }
        return ids;
    }

    private static List<DeliveryRow> page(String account, String webhook, String before, int limit) {
        return store.deliveries().deliveries(SampleQuery.of(account, webhook, null, null, null, null, before, limit));
    }

    @Property
    void every_delivery_is_on_one_page_newest_first_while_others_arrive(
            @ForAll @Size(max = 25) List<@IntRange(max = 15) Integer> first,
            @ForAll @Size(max = 6) List<@IntRange(max = 15) Integer> between,
            @ForAll @IntRange(min = 1, max = 12) int limit,
            @ForAll @IntRange(max = 3) int filter) {
        String account = "account-" + accounts++;
        accept("other-" + account, List.of(3, 1));
        List<String> there = accept(account, first);
        String webhook = filter == 3 ? null : WEBHOOKS.get(filter);

        List<DeliveryRow> read = new ArrayList<>();
        List<Integer> later = new ArrayList<>(between);
        List<DeliveryRow> page = page(account, webhook, null, limit);
        while (!page.isEmpty()) {
            read.addAll(page);
            if (!later.isEmpty()) {
                accept(account, List.of(later.remove(0)));
            }
            page = page(account, webhook, page.get(page.size() - 1).id(), limit);
        }

        List<String> ids = read.stream().map(DeliveryRow::id).toList();
        List<String> sorted = ids.stream().sorted(Comparator.reverseOrder()).toList();
        assertEquals(sorted, ids, "newest first");
        List<String> expected = there.stream()
                .sorted(Comparator.reverseOrder())
                .filter(id -> webhook == null
                        || store.deliveries()
                                .delivery(account, id)
                                .orElseThrow()
                                .webhook()
                                .name()
                                .equals(webhook))
                .toList();
        assertEquals(expected, ids, "each once, and nothing of another account");
    }
}
