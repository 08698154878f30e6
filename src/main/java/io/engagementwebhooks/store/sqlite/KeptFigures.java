package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.FigureSql;
import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.MinuteCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** How accounts and webhooks do. Thread-safe. */
final class KeptFigures implements Figures {

    private final GroupCommit writer;
    private final Reads reads;

    KeptFigures(GroupCommit writer, Reads reads) {
        this.writer = writer;
        this.reads = reads;
    }

    @Override
    public List<Step> steps(String account, Instant from, Instant to, Duration step) {
        return reads.query(FigureSql.STEPS, FigureSql.between(account, from, to, step), FigureSql::step);
    }

    @Override
    public Map<String, Health> health(String account, Collection<String> webhooks) {
        if (webhooks.isEmpty()) {
            return Map.of();
        }
        List<Object> values = new ArrayList<>(List.of(account));
        values.addAll(webhooks);
        Map<String, Health> health = new HashMap<>();
        reads.query(
                FigureSql.health("IN (" + String.join(",", Collections.nCopies(webhooks.size(), "?")) + ")"),
                values,
                row -> health.put(row.getString(1), FigureSql.health(row)));
        return health;
    }

    @Override
    public List<String> troubled(String account, int limit) {
        return reads.query(FigureSql.TROUBLED, List.of(account, limit), row -> row.getString(1));
    }

    @Override
    public CompletionStage<Integer> forget(Instant before, int rows) {
        return writer.submit(connection -> Definitions.update(
                connection,
                "DELETE FROM figure WHERE (account, minute) IN"
                        + " (SELECT account, minute FROM figure WHERE minute < ? LIMIT ?)",
                MinuteCounts.minuteOf(before.toEpochMilli()),
                rows));
    }
}
