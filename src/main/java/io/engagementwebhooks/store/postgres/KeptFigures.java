package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.FigureSql;
import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.MinuteCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** How accounts and webhooks do, at all instances together. Thread-safe. */
final class KeptFigures implements Figures {

    private final Outcomes.Writer writer;
    private final Reads reads;

    KeptFigures(Outcomes.Writer writer, Reads reads) {
        this.writer = writer;
        this.reads = reads;
    }

    @Override
    public List<Step> steps(String account, Instant from, Instant to, Duration step) {
        return reads.query(FigureSql.STEPS, FigureSql.between(account, from, to, step), FigureSql::step);
    }

    @Override
    public Map<String, Health> health(String account, Collection<String> webhooks) {
        Map<String, Health> health = new HashMap<>();
        if (!webhooks.isEmpty()) {
            reads.query(
                    FigureSql.health("= ANY (?)"),
                    List.of(account, Columns.texts(List.copyOf(webhooks), name -> name)),
                    row -> health.put(row.getString(1), FigureSql.health(row)));
        }
        return health;
    }

    @Override
    public List<String> troubled(String account, int limit) {
        return reads.query(FigureSql.TROUBLED, List.of(account, limit), row -> row.getString(1));
    }

    @Override
    public CompletionStage<Integer> forget(Instant before, int rows) {
        return writer.write(connection -> Columns.update(
                connection,
                "DELETE FROM figure WHERE (account, minute, writer) IN (SELECT account, minute, writer FROM figure"
                        + " WHERE minute < ? LIMIT ? FOR UPDATE SKIP LOCKED)",
                MinuteCounts.minuteOf(before.toEpochMilli()),
                rows));
    }
}
