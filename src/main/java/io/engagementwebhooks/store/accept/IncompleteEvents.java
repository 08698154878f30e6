package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the deliveries of events that no {@link FanOut} has completed. Thread-safe. */
public final class IncompleteEvents {

    private static final Logger LOG = LoggerFactory.getLogger(IncompleteEvents.class);

    /** The condition that a {@link FanOut} may continue the event. */
    static final String NOT_BEING_REMOVED = "written_at > 0";

    private static final String ABANDONED = "SELECT i.event, a.id FROM incomplete_event i"
            + " JOIN account a ON a.key = i.account WHERE i.written_at < %s - ?";
    private static final String BEGIN_REMOVAL =
            "UPDATE incomplete_event SET written_at = 0 WHERE event = ? AND written_at < %s - ?";
    private static final String REMOVE_SOME =
            "DELETE FROM delivery WHERE key IN (SELECT key FROM delivery WHERE event = ? LIMIT " + FanOut.PART + ")";
    private static final String END_REMOVAL = "DELETE FROM incomplete_event WHERE event = ?";

    private final Writer writer;
    private final Reader reader;
    private final Cluster cluster;
    private final String abandoned;
    private final String beginRemoval;

    public IncompleteEvents(Writer writer, Reader reader, Cluster cluster) {
        this.writer = writer;
        this.reader = reader;
        this.cluster = cluster;
        this.abandoned = ABANDONED.formatted(reader.dialect().now());
        this.beginRemoval = BEGIN_REMOVAL.formatted(reader.dialect().now());
    }

    /** An incomplete event. @param account its id */
    private record Abandoned(long event, String account) {}

    /**
     * Removes those without a new part for some time, in steps that are charged to their accounts. One instance does.
     *
     * @return completes when all are removed, or their removal has failed
     */
    CompletionStage<Void> remove(Duration unchanged) {
        return cluster.ownership().owns(0)
                ? CompletableFuture.allOf(
                        reader
                                .query(
                                        abandoned,
                                        row -> new Abandoned(row.getLong(1), row.getString(2)),
                                        unchanged.toMillis())
                                .stream()
                                .map(each -> removeLogged(each, unchanged))
                                .toArray(CompletableFuture[]::new))
                : CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> removeLogged(Abandoned each, Duration unchanged) {
        return remove(each, unchanged).exceptionally(failure -> {
            LOG.warn("incomplete-event.not-removed account={}: retried: {}", each.account(), failure.toString());
            return null;
        });
    }

    private CompletableFuture<Void> remove(Abandoned each, Duration unchanged) {
        return writer.write(
                        each.account(),
                        FanOut.PART,
                        statements -> removeSome(statements, each.event(), unchanged.toMillis()))
                .thenCompose(isMore -> isMore ? remove(each, unchanged) : CompletableFuture.completedFuture(null));
    }

    /** @return whether more deliveries are to be removed */
    private boolean removeSome(Statements statements, long event, long unchanged) throws SQLException {
        if (statements.update(beginRemoval, event, unchanged) == 0) {
            return false;
        }
        if (statements.update(REMOVE_SOME, event) == FanOut.PART) {
            return true;
        }
        statements.update(END_REMOVAL, event);
        return false;
    }
}
