package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.FanOutSql;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Deliveries that are acknowledged and not inserted yet. Thread-safe. */
final class PendingFanOuts implements FanOuts {

    private final GroupCommit writer;
    private final Reads reads;
    private final Writes writes;

    PendingFanOuts(GroupCommit writer, Reads reads, Writes writes) {
        this.writer = writer;
        this.reads = reads;
        this.writes = writes;
    }

    @Override
    public List<String> accounts() {
        return reads.query(FanOutSql.accounts(""), List.of(), row -> row.getString(1));
    }

    @Override
    public Map<String, Long> waiting() {
        Map<String, Long> waiting = new HashMap<>();
        reads.query(FanOutSql.WAITING, List.of(), row -> waiting.put(row.getString(1), row.getLong(2)));
        return waiting;
    }

    @Override
    public List<Pending> next(String account, int deliveries) {
        List<FanOutSql.Row> rows = reads.query(FanOutSql.next(""), List.of(account), FanOutSql.Row::of);
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

    @Override
    public CompletionStage<List<Inserted>> insert(String account, List<Pending> parts) {
        return writer.submit(account, FanOutSql.rows(parts), connection -> writes.insert(parts));
    }

    /** Deliveries that wait to be inserted are for a webhook's new name. Others write between two parts. */
    CompletableFuture<Void> rename(WebhookId from, String newName) {
        return CompletableFuture.allOf(reads.query(FanOutSql.NAMING, FanOutSql.naming(from), FanOutSql.Key::of).stream()
                .map(part -> writer.submit(
                        from.account(),
                        FanOutSql.ROWS_OF_PART,
                        connection -> FanOutSql.rename(connection, part, from.name(), newName, "")))
                .toArray(CompletableFuture[]::new));
    }
}
