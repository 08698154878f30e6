package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.AuditTrail;
import io.engagementwebhooks.store.ClusterStore;
import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.DefinitionStore;
import io.engagementwebhooks.store.DeliveryQueries;
import io.engagementwebhooks.store.DueStore;
import io.engagementwebhooks.store.EventStore;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.IdentityStore;
import io.engagementwebhooks.store.OutcomeStore;
import io.engagementwebhooks.store.RecordStore;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.SettingStore;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WaitingDeliveries;
import io.engagementwebhooks.store.WebhookActivity;
import io.engagementwebhooks.store.WriteCheck;
import java.sql.SQLException;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A store in a database: one or two writers that commit in groups, and reads beside them. What databases do differently is in
 * their {@link Dialect}; what else they have, in {@link SqliteStore} and {@link PostgresStore}. Thread-safe.
 */
abstract class JdbcStore implements Store {

    private final Parts parts;
    private final PendingCount pending;
    private final CommitHook hook = new CommitHook();
    private final GroupWriter intake;
    private final GroupWriter outcome;
    private final Writer writer;
    private final JdbcEvents events;
    private final JdbcDue due;
    private final JdbcOutcomes outcomes;
    private final JdbcDeliveries deliveries;
    private final JdbcFanOuts fanOuts;
    private final JdbcReplays replays;
    private final JdbcRecords records;
    private final JdbcIdentities identities;
    private final JdbcDefinitions definitions;
    private final JdbcFigures figures;
    private final JdbcActivity activity;
    private final JdbcSettings settings;
    private final Retention retention;

    /**
     * What a database gives to its store.
     *
     * @param name names the rows of counters that this process writes
     * @param reader reads
     * @param dueReader reads what is due
     * @param keys the numbers of accounts and webhooks
     * @param transactions of the writers: one, or one for what is accepted and one for the rest
     * @param check gets writes that the store could not take
     * @param delay of commits, or null
     * @param cluster the processes on the store
     * @param attempts removes old attempts
     */
    record Parts(
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

    JdbcStore(Parts parts) {
        this.parts = parts;
        this.pending = parts.pending();
        Dialect dialect = parts.dialect();
        Keys keys = parts.keys();
        Reader reader = parts.reader();
        Cluster cluster = parts.cluster();
        DueRows dueRows = new DueRows(dialect);
        FifoOrder fifo = new FifoOrder(dialect, dueRows);
        Fence fence = new Fence(parts.name());
        PendingCount.Row last = null;
        OutcomeBatch batch = null;
        GroupWriter[] writers = new GroupWriter[parts.transactions().length];
        for (int i = 0; i < writers.length; i++) {
            String name = writers.length == 1 ? "writer" : i == 0 ? "intake" : "outcome";
            PendingCount.Row row = pending.new Row(name);
            MinuteStats minutes = new MinuteStats(parts.name() + "/" + name);
            AcceptBatch accepts = new AcceptBatch(dialect, keys, fifo, dueRows, row, minutes, parts.clock());
            batch = new OutcomeBatch(dialect, keys, fifo, fence, row, minutes, parts.clock());
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
        this.events = new JdbcEvents(intake, reader, keys, cluster);
        this.due = new JdbcDue(writer, reader, parts.dueReader(), keys, dueRows, fifo, fence, last, cluster);
        this.outcomes = new JdbcOutcomes(outcome, writer, batch, reader, keys, cluster);
        this.deliveries = new JdbcDeliveries(reader, keys, pending::get, parts.clock());
        this.fanOuts = new JdbcFanOuts(intake, reader, keys, events, cluster.owned());
        this.definitions = new JdbcDefinitions(writer, reader, keys, cluster, parts.clock());
        this.replays = new JdbcReplays(writer, reader, keys, dueRows, fifo, last, definitions, cluster);
        this.records = new JdbcRecords(writer, reader, keys, parts.clock());
        this.identities = new JdbcIdentities(writer, reader, keys, parts.clock());
        this.figures = new JdbcFigures(writer, reader, keys);
        this.activity = new JdbcActivity(reader, keys);
        this.settings = new JdbcSettings(writer, reader, cluster);
        this.retention = new Retention(writer, reader, due, fence, cluster, parts.attempts());
    }

    @Override
    public EventStore events() {
        return events;
    }

    @Override
    public DueStore due() {
        return due;
    }

    JdbcDue jdbcDue() {
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

    JdbcDeliveries jdbcDeliveries() {
        return deliveries;
    }

    @Override
    public WaitingDeliveries waitingDeliveries() {
        return due;
    }

    @Override
    public FanOuts fanOuts() {
        return fanOuts;
    }

    @Override
    public ReplayJobs replays() {
        return replays;
    }

    JdbcReplays jdbcReplays() {
        return replays;
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
    public Figures figures() {
        return figures;
    }

    @Override
    public SettingStore settings() {
        return settings;
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
    public CompletionStage<RetentionStep> retain(RetentionLimits limits, SettingAside aside) {
        try {
            return retention.step(limits, aside);
        } catch (SQLException e) {
            return CompletableFuture.failedFuture(fault(e));
        }
    }

    @Override
    public void checkWritable() {
        parts.check().check(value -> settings.setting("writable-at", value));
        if (intake.isCut()) {
            throw new StoreException("the connection by which events are stored is not back yet", null);
        }
    }

    StoreException fault(SQLException cause) {
        return parts.dialect().fault(cause);
    }

    /** Work in a transaction of the writer. */
    <T> CompletableFuture<T> write(Writer.Work<T> work) {
        return writer.write(work);
    }

    /** Writes what has been submitted, then ends. */
    @Override
    public void close() {
        intake.close();
        if (outcome != intake) {
            outcome.close();
        }
        deliveries.close();
    }
}
