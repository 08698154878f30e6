package io.engagementwebhooks.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;

/** Steps that count, in the transaction that changes them, what waits and what a minute has seen. Used by one writer's thread. */
abstract class CountedSteps implements GroupWriter.Steps {

    final WaitingSum.Row waiting;
    final Minutes minutes;
    final Clock clock;

    CountedSteps(WaitingSum.Row waiting, Minutes minutes, Clock clock) {
        this.waiting = waiting;
        this.minutes = minutes;
        this.clock = clock;
    }

    @Override
    public final void begin(Connection connection) throws SQLException {
        waiting.begin(connection);
        minutes.begin();
    }

    @Override
    public final void inDoubt() {
        waiting.inDoubt();
    }

    @Override
    public final void end(Connection connection) throws SQLException {
        waiting.write(connection);
        minutes.write(connection, clock.millis());
    }

    @Override
    public final void committed() {
        waiting.committed();
    }
}
