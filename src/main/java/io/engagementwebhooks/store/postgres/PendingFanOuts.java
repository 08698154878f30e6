package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.FanOutSql;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Deliveries that are acknowledged and not inserted yet, of webhooks that this instance owns. Thread-safe. */
final class PendingFanOuts implements FanOuts {

    private static final String OWNED = " AND f.partition = ANY (?)";

    private final GroupWriter writer;
    private final Reads reads;
    private final Names names;
    private final Supplier<Columns.Many> owned;
    private final Consumer<Set<WebhookId>> due;

    /**
     * @param owned the partitions that are this instance's
     * @param due gets the webhooks of which something is due now: after a renaming they may have another owner
     */
    PendingFanOuts(
            GroupWriter writer, Reads reads, Names names, Supplier<Columns.Many> owned, Consumer<Set<WebhookId>> due) {
        this.due = due;
        this.writer = writer;
        this.reads = reads;
        this.names = names;
        this.owned = owned;
    }

    @Override
    public List<String> accounts() {
        return reads.query(FanOutSql.accounts(OWNED), List.of(owned.get()), row -> row.getString(1));
    }

    @Override
    public Map<String, Long> waiting() {
        Map<String, Long> waiting = new HashMap<>();
        reads.query(FanOutSql.WAITING, List.of(), row -> waiting.put(row.getString(1), row.getLong(2)));
        return waiting;
    }

    @Override
    public List<Pending> next(String account, int deliveries) {
        List<FanOutSql.Row> rows = reads.query(FanOutSql.next(OWNED), List.of(account, owned.get()), FanOutSql.Row::of);
        return FanOutSql.step(account, rows, deliveries, new Parts(account));
    }

    /** Reads parts of an account. */
    private final class Parts implements FanOutSql.Parts {
        private final String account;

        Parts(String account) {
            this.account = account;
        }

        @Override
        public Event event(long key) {
            return reads.first(FanOutSql.EVENT, List.of(key), row -> FanOutSql.event(account, row))
                    .orElseThrow();
        }

        @Override
        public Optional<String> members(FanOutSql.Key part) {
            return reads.first(
                    FanOutSql.MEMBERS, List.of(part.event(), part.partition(), part.number()), row -> row.getString(1));
        }
    }

    /** The webhooks' rows are made before, so that the writer does not wait for them. */
    @Override
    public CompletionStage<List<Inserted>> insert(String account, List<Pending> parts) {
        try {
            names.webhooks(
                    account,
                    parts.stream()
                            .flatMap(part -> part.intake().deliveries().stream())
                            .map(NewDelivery::webhook)
                            .toList());
        } catch (SQLException e) {
            return CompletableFuture.failedFuture(Faults.unavailable(e));
        }
        return writer.submit(new Intakes.Step(account, parts)).thenApply(inserted -> {
            due.accept(Intakes.webhooks(inserted));
            return inserted;
        });
    }
}
