package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An outbox over a real store with a settable clock. */
abstract class OverRealStore {

    static final WebhookId CRM = Ids.webhook("acme", "crm");
    static final WebhookId ERP = Ids.webhook("acme", "erp");

    @TempDir
    Path folder;

    final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    SqliteStore store;
    OutboxFixture due;
    Outbox outbox;
    int events;

    /** An outbox over the store that was opened. */
    abstract OutboxFixture made();

    /** The initial webhooks. */
    Set<WebhookId> webhooks() {
        return Set.of(CRM);
    }

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        start();
    }

    void start() {
        start(made());
    }

    void start(OutboxFixture started) {
        due = started;
        outbox = due.outbox();
        due.define(webhooks());
        due.open();
    }

    @AfterEach
    void close() {
        outbox.close();
        due.close();
        store.close();
    }

    List<DueDelivery> takeAll() {
        List<DueDelivery> taken = new ArrayList<>();
        int before;
        do {
            due.awaitCaughtUp();
            before = taken.size();
            for (DueDelivery next = due.takeIfAny(); next != null; next = due.takeIfAny()) {
                taken.add(next);
            }
        } while (taken.size() > before);
        return taken;
    }

    static List<String> ids(List<DueDelivery> deliveries) {
        return deliveries.stream().map(DueDelivery::id).toList();
    }

    void pass(Duration time) {
        clock.pass(time);
        due.clockMoved();
    }
}
