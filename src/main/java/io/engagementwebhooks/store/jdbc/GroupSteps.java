package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.accept.AcceptBatch;
import io.engagementwebhooks.store.accept.FanOut;
import io.engagementwebhooks.store.outcome.MinuteStats;
import io.engagementwebhooks.store.outcome.OutcomeBatch;
import io.engagementwebhooks.store.query.PendingCount;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes the parts of a group by kind, and the counters in the same transaction. Used by one writer thread. */
public record GroupSteps(
        Dialect dialect,
        Keys keys,
        AcceptBatch accepts,
        OutcomeBatch outcomes,
        PendingCount.Row pending,
        MinuteStats minutes,
        CommitHook hook,
        Clock clock)
        implements GroupWriter.Steps {

    /** Any other write. */
    public static final class Change<T> extends GroupWriter.Part<T> {

        private final Writer.Work<T> work;

        public Change(String account, int rows, Writer.Work<T> work) {
            super(account, rows, false);
            this.work = work;
        }

        private void run(Statements statements) throws SQLException {
            complete(work.in(statements));
        }
    }

    @Override
    public void begin(Statements statements) throws SQLException {
        pending.begin(statements);
        minutes.begin();
    }

    @Override
    public void write(Statements statements, List<GroupWriter.Part<?>> parts) throws SQLException {
        hook.writing(parts);
        List<AcceptBatch.Part> accepted = new ArrayList<>();
        List<FanOut.Part> fanOuts = new ArrayList<>();
        List<OutcomeBatch.Part> ended = new ArrayList<>();
        Set<String> deliveries = new HashSet<>();
        for (GroupWriter.Part<?> part : parts) {
            if (part instanceof AcceptBatch.Part accept) {
                accepted.add(accept);
            } else if (part instanceof FanOut.Part fanOut) {
                fanOuts.add(fanOut);
            } else if (part instanceof OutcomeBatch.Part end) {
                if (!deliveries.add(end.delivery())) {
                    // a second outcome of a delivery changes nothing if it comes after the first
                    flush(statements, ended, deliveries);
                    deliveries.add(end.delivery());
                }
                ended.add(end);
            } else if (part instanceof Change<?> change) {
                // a change must see the outcomes before it
                flush(statements, ended, deliveries);
                change.run(statements);
            }
        }
        flush(statements, ended, deliveries);
        if (!accepted.isEmpty() || !fanOuts.isEmpty()) {
            accepts.write(statements, accepted, fanOuts);
        }
    }

    private void flush(Statements statements, List<OutcomeBatch.Part> ended, Set<String> deliveries)
            throws SQLException {
        if (!ended.isEmpty()) {
            outcomes.write(statements, ended);
        }
        ended.clear();
        deliveries.clear();
    }

    @Override
    public void end(Statements statements) throws SQLException {
        pending.write(statements);
        minutes.write(statements, clock.millis());
        dialect.hot().end(statements);
    }

    @Override
    public void committed(List<GroupWriter.Part<?>> parts) {
        pending.committed();
        keys.committed();
        hook.committed(parts);
    }

    @Override
    public void rolledBack(List<GroupWriter.Part<?>> parts, boolean inDoubt) {
        if (inDoubt) {
            pending.inDoubt();
        }
        keys.rolledBack();
        dialect.hot().rolledBack();
        hook.rolledBack(parts);
    }
}
