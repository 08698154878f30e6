package io.engagementwebhooks.store;

import io.engagementwebhooks.store.accept.AcceptBatch;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.accept.IncompleteEvents;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterStore;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.IdentityStore;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.store.definition.SettingStore;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.FifoOrder;
import io.engagementwebhooks.store.erase.Erasures;
import io.engagementwebhooks.store.erase.KeyedDigest;
import io.engagementwebhooks.store.jdbc.CommitHook;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupCommitDelay;
import io.engagementwebhooks.store.jdbc.GroupSteps;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Retention;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.store.outcome.MinuteStats;
import io.engagementwebhooks.store.outcome.OutcomeBatch;
import io.engagementwebhooks.store.outcome.OutcomeStore;
import io.engagementwebhooks.store.outcome.RecordStore;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.query.Backlogs;
import io.engagementwebhooks.store.query.DeliveryQueries;
import io.engagementwebhooks.store.query.PendingCount;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.store.query.WebhookActivity;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import java.sql.SQLException;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Stores events, deliveries, attempts and configuration, by role, in a database with one or two writers with group commit,
 * and concurrent reads. Packages hand deliveries over as rows, so a crash loses nothing that was acknowledged. Differences
 * of SQL are in {@link Dialect}, all others in {@link SqliteStore} and {@link PostgresStore}. Thread-safe.
 *
 * <p>Writes complete after their commit is on disk, on the writer's thread: what is attached to them must return soon and
 * must not wait for the store. Every method fails with {@link StoreException} where the store cannot be
 * reached, is full or is locked; nothing is half-written then.
 */
public abstract class Store implements AutoCloseable {

    private final Parts parts;
    private final PendingCount pending;
    private final CommitHook hook = new CommitHook();
    private final GroupWriter intake;
    private final GroupWriter outcome;
    private final Writer writer;
    private final EventStore events;
    private final DueStore due;
    private final OutcomeStore outcomes;
    private final DeliveryQueries deliveries;
    private final Backlogs backlogs;
    private final ReplayJobs replays;
    private final RecordStore records;
    private final IdentityStore identities;
    private final DefinitionStore definitions;
    private final StatsStore stats;
    private final WebhookActivity activity;
    private final SettingStore settings;
    private final SessionStore sessions;
    private final Retention retention;
    private final Erasures erasures;

    /**
     * The parts of a store that depend on its database.
     *
     * @param name names the counter rows of this process
     * @param reader for queries
     * @param dueReader for searches of due deliveries
     * @param keys the keys of accounts and webhooks
     * @param transactions of the writers: one, or one for accepted events and one for the rest
     * @param check notified of writes that failed because of the store
     * @param delay delays commits, or null
     * @param cluster the processes that share the store
     * @param attempts removes old attempts
     */
    public record Parts(
            String name,
            Reader reader,
            Reader dueReader,
            Keys keys,
            GroupWriter.Transactions[] transactions,
            WriteCheck check,
            GroupCommitDelay delay,
            Cluster cluster,
            PendingCount pending,
            Retention.OldAttempts attempts,
            Clock clock) {

        Dialect dialect() {
            return reader.dialect();
        }
    }

    protected Store(Parts parts) {
        this.parts = parts;
        this.pending = parts.pending();
        Dialect dialect = parts.dialect();
        Keys keys = parts.keys();
        Reader reader = parts.reader();
        Cluster cluster = parts.cluster();
        DueRows dueRows = new DueRows(dialect);
        FifoOrder fifo = new FifoOrder(dialect, dueRows);
        KeyedDigest digest = new KeyedDigest();
        PendingCount.Row last = null;
        OutcomeBatch batch = null;
        GroupWriter[] writers = new GroupWriter[parts.transactions().length];
        for (int i = 0; i < writers.length; i++) {
            String name = writers.length == 1 ? "writer" : i == 0 ? "intake" : "outcome";
            PendingCount.Row row = pending.new Row(name);
            MinuteStats minutes = new MinuteStats(parts.name() + "/" + name);
            AcceptBatch accepts = new AcceptBatch(dialect, keys, fifo, dueRows, row, minutes, digest, parts.clock());
            batch = new OutcomeBatch(dialect, keys, fifo, cluster, row, minutes, parts.clock());
            last = row;
            writers[i] = new GroupWriter(
                    "store-" + name,
                    parts.transactions()[i],
                    new GroupSteps(dialect, keys, accepts, batch, row, minutes, hook, parts.clock()),
                    parts.check(),
                    dialect,
                    parts.delay());
        }
        this.intake = writers[0];
        this.outcome = writers[writers.length - 1];
        this.writer = new Writer() {
            @Override
            public <T> CompletableFuture<T> write(String account, int rows, Work<T> work) {
                return outcome.submit(new GroupSteps.Change<>(account, rows, work));
            }
        };
        this.due = new DueStore(writer, reader, parts.dueReader(), keys, dueRows, fifo, last, cluster, hook);
        IncompleteEvents incomplete = new IncompleteEvents(writer, reader, cluster);
        this.events = new EventStore(intake, reader, keys, incomplete, cluster);
        this.outcomes = new OutcomeStore(outcome, writer, batch, reader, keys, cluster);
        this.deliveries = new DeliveryQueries(reader, keys);
        this.backlogs = new Backlogs(reader, keys);
        this.definitions = new DefinitionStore(writer, reader, keys, cluster, parts.clock());
        this.replays = new ReplayJobs(writer, reader, deliveries, keys, dueRows, fifo, last, definitions, cluster);
        this.records = new RecordStore(writer, reader, keys, parts.clock());
        this.identities = new IdentityStore(writer, reader, keys, parts.clock());
        this.stats = new StatsStore(writer, reader, keys);
        this.activity = new WebhookActivity(reader, keys);
        this.settings = new SettingStore(writer, reader, cluster);
        this.sessions = new SessionStore(writer, reader, keys, parts.clock());
        this.retention = new Retention(writer, reader, due, cluster, parts.attempts());
        this.erasures = new Erasures(
                writer, reader, keys, due, definitions, digest, parts.attempts().ofDelivery(), parts.clock());
    }

    public EventStore events() {
        return events;
    }

    public DueStore due() {
        return due;
    }

    public OutcomeStore outcomes() {
        return outcomes;
    }

    public DeliveryQueries deliveries() {
        return deliveries;
    }

    public Backlogs backlogs() {
        return backlogs;
    }

    public ReplayJobs replays() {
        return replays;
    }

    public Erasures erasures() {
        return erasures;
    }

    public RecordStore records() {
        return records;
    }

    public IdentityStore identities() {
        return identities;
    }

    public DefinitionStore definitions() {
        return definitions;
    }

    public WebhookActivity activity() {
        return activity;
    }

    public StatsStore stats() {
        return stats;
    }

    public SettingStore settings() {
        return settings;
    }

    public SessionStore sessions() {
        return sessions;
    }

    public ClusterStore cluster() {
        return parts.cluster();
    }

    /** Sets the listener for group commits, replacing the one before. */
    public void listen(CommitListener listener) {
        hook.listen(listener);
    }

    /** The pending count. From memory. */
    public long waitingCount() {
        return pending.get();
    }

    /** Removes expired data, in one small step. */
    public CompletionStage<RetentionStep> retain(RetentionLimits limits) {
        try {
            return retention.step(limits);
        } catch (SQLException e) {
            return CompletableFuture.failedFuture(fault(e));
        }
    }

    /** Fails unless a write can be committed now. */
    public void checkWritable() {
        parts.check().check(value -> settings.setting("writable-at", value));
        if (intake.isDisconnected()) {
            throw new StoreException("the connection that stores events is lost", null);
        }
    }

    /** Bytes on disk. */
    public abstract long size();

    /** Bytes of its write-ahead log; 0: it has none. */
    public abstract long walSize();

    /** Returns free pages to the file system, at most this many. @return the number returned */
    public abstract CompletionStage<Integer> vacuum(int pages);

    /**
     * Removes from the files of the store what was erased from its rows. May take long; writes continue.
     *
     * @return what was done, for the receipt of an erasure
     * @throws StoreException if it has to be repeated
     */
    public abstract String clean();

    /**
     * Rewrites the tables of settings and definitions, so that no replaced value is left on disk. Takes long on a large
     * store; nothing else may use the store.
     *
     * @throws StoreException if it fails; the store is unchanged then
     */
    public abstract void rewrite();

    public StoreException fault(SQLException cause) {
        return parts.dialect().fault(cause);
    }

    /** Runs work in a transaction of the writer. */
    public <T> CompletableFuture<T> write(Writer.Work<T> work) {
        return writer.write(work);
    }

    /** Writes what was submitted, then ends. */
    @Override
    public void close() {
        intake.close();
        if (outcome != intake) {
            outcome.close();
        }
    }
}
