package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WriteCheck;
import io.engagementwebhooks.store.accept.AcceptBatch;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.accept.IncompleteEvents;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterStore;
import io.engagementwebhooks.store.definition.AuditTrail;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.IdentityStore;
import io.engagementwebhooks.store.definition.JdbcDefinitions;
import io.engagementwebhooks.store.definition.JdbcIdentities;
import io.engagementwebhooks.store.definition.JdbcSessions;
import io.engagementwebhooks.store.definition.JdbcSettings;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.store.definition.SettingStore;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.FifoOrder;
import io.engagementwebhooks.store.due.JdbcDue;
import io.engagementwebhooks.store.due.WaitingDeliveries;
import io.engagementwebhooks.store.erase.Erasures;
import io.engagementwebhooks.store.erase.KeyedDigest;
import io.engagementwebhooks.store.outcome.MinuteStats;
import io.engagementwebhooks.store.outcome.OutcomeBatch;
import io.engagementwebhooks.store.outcome.OutcomeStore;
import io.engagementwebhooks.store.outcome.RecordStore;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.query.DeliveryQueries;
import io.engagementwebhooks.store.query.JdbcDeliveries;
import io.engagementwebhooks.store.query.JdbcReplays;
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
 * A store in a database: one or two writers with group commit, and concurrent reads. Differences of SQL are in {@link
 * Dialect}, all others in {@link SqliteStore} and {@link PostgresStore}. Thread-safe.
 */
public abstract class JdbcStore implements Store {

    private final Parts parts;
    private final PendingCount pending;
    private final CommitHook hook = new CommitHook();
    private final GroupWriter intake;
    private final GroupWriter outcome;
    private final Writer writer;
    private final EventStore events;
    private final JdbcDue due;
    private final OutcomeStore outcomes;
    private final JdbcDeliveries deliveries;
    private final JdbcReplays replays;
    private final RecordStore records;
    private final JdbcIdentities identities;
    private final JdbcDefinitions definitions;
    private final StatsStore stats;
    private final WebhookActivity activity;
    private final JdbcSettings settings;
    private final JdbcSessions sessions;
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

    public JdbcStore(Parts parts) {
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
        this.due = new JdbcDue(writer, reader, parts.dueReader(), keys, dueRows, fifo, last, cluster, hook);
        IncompleteEvents incomplete = new IncompleteEvents(writer, reader, cluster);
        this.events = new EventStore(intake, reader, keys, incomplete, cluster);
        this.outcomes = new OutcomeStore(outcome, writer, batch, reader, keys, cluster);
        this.deliveries = new JdbcDeliveries(reader, keys);
        this.definitions = new JdbcDefinitions(writer, reader, keys, cluster, parts.clock());
        this.replays = new JdbcReplays(writer, reader, deliveries, keys, dueRows, fifo, last, definitions, cluster);
        this.records = new RecordStore(writer, reader, keys, parts.clock());
        this.identities = new JdbcIdentities(writer, reader, keys, parts.clock());
        this.stats = new StatsStore(writer, reader, keys);
        this.activity = new WebhookActivity(reader, keys);
        this.settings = new JdbcSettings(writer, reader, cluster);
        this.sessions = new JdbcSessions(writer, reader, keys, parts.clock());
        this.retention = new Retention(writer, reader, due, cluster, parts.attempts());
        this.erasures = new Erasures(
                writer, reader, keys, due, definitions, digest, parts.attempts().ofDelivery(), parts.clock());
    }

    @Override
    public EventStore events() {
        return events;
    }

    @Override
    public DueStore due() {
        return due;
    }

    public JdbcDue jdbcDue() {
        return due;
    }

    @Override
    public OutcomeStore outcomes() {
        return outcomes;
    }

    @Override
    public DeliveryQueries deliveries() {
        return deliveries;
    }

    public JdbcDeliveries jdbcDeliveries() {
        return deliveries;
    }

    @Override
    public WaitingDeliveries waitingDeliveries() {
        return due;
    }

    @Override
    public ReplayJobs replays() {
        return replays;
    }

    public JdbcReplays jdbcReplays() {
        return replays;
    }

    @Override
    public Erasures erasures() {
        return erasures;
    }

    @Override
    public RecordStore records() {
        return records;
    }

    @Override
    public IdentityStore identities() {
        return identities;
    }

    @Override
    public DefinitionStore definitions() {
        return definitions;
    }

    @Override
    public AuditTrail audit() {
        return definitions;
    }

    @Override
    public WebhookActivity activity() {
        return activity;
    }

    @Override
    public StatsStore stats() {
        return stats;
    }

    @Override
    public SettingStore settings() {
        return settings;
    }

    @Override
    public SessionStore sessions() {
        return sessions;
    }

    @Override
    public ClusterStore cluster() {
        return parts.cluster();
    }

    @Override
    public void listen(CommitListener listener) {
        hook.listen(listener);
    }

    @Override
    public long waitingCount() {
        return pending.get();
    }

    @Override
    public CompletionStage<RetentionStep> retain(RetentionLimits limits) {
        try {
            return retention.step(limits);
        } catch (SQLException e) {
            return CompletableFuture.failedFuture(fault(e));
        }
    }

    @Override
    public void checkWritable() {
        parts.check().check(value -> settings.setting("writable-at", value));
        if (intake.isDisconnected()) {
            throw new StoreException("the connection that stores events is lost", null);
        }
    }

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
