package io.engagementwebhooks.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.AuditTrail;
import io.engagementwebhooks.store.DefinitionStore;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.DueSearch;
import io.engagementwebhooks.store.EventLog;
import io.engagementwebhooks.store.FanOutSql;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.HeldUp;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.Neighbours;
import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Recorded;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.Share;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WaitingDeliveries;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.store.WriteCheck;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in PostgreSQL, which several instances may share. Two writers commit in groups, one what comes in and one how tries
 * end; reads go through a pool. Which instance sends the deliveries of a webhook is decided by {@link Leases}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit locking</a>
 */
public final class PostgresStore implements Store {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresStore.class);
    private static final int READERS = 8;
    private static final long PATIENCE_MS = 5_000;
    private static final Duration LONGEST_WAIT_AT_START = Duration.ofSeconds(30);
    private static final Duration START_RETRY = Duration.ofSeconds(2);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final int LOOKS_BETWEEN_POLLS = 5;

    /** A place is marked as used at most so often. */
    private static final Duration PLACE_USE = Duration.ofDays(1);

    /**
     * What is accepted is on disk whatever the server's default; who stops in the middle of a transaction loses it; and
     * what is written is found by indexes, also before the server knows how large tables have become.
     */
    private static final String WRITER_OPTIONS = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=%d"
            + " -c lock_timeout=8000 -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
            + " -c plan_cache_mode=force_generic_plan";

    private static final String LEASE_OPTIONS =
            "-c idle_in_transaction_session_timeout=%d -c lock_timeout=2000 -c statement_timeout=4000";

    private final PostgresAddress address;
    private final HikariDataSource pool;
    private final Clock clock;
    private final String instance = UUID.randomUUID().toString();
    private final Names names;
    private final AttemptDays days;
    private final WaitingSum waiting;
    private final Reads reads;
    private final Outcomes outcomes;
    private final Changes changes;
    private final GroupWriter intake;
    private final GroupWriter outcome;
    private final WriteCheck check = new WriteCheck(Duration.ofMillis(PATIENCE_MS));
    private final Outcomes.Writer writer;
    private final Leases leases;
    private final Bulletin bulletin;
    private final Retention retention;
    private final Definitions definitions;
    private final Replays replays;
    private final Waits waits;
    private final PendingFanOuts fanOuts;
    private final KeptFigures figures;
    private final WaitingByWebhook waitingByWebhook;
    private final Accepteds accepteds;
    private final WaitingSum.Row retained;
    private final ScheduledExecutorService looking =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "store-look"));
    private volatile Neighbours neighbours;
    private int looks;
    private final AtomicReference<Map<WebhookId, List<Object>>> states = new AtomicReference<>();

    /** @param lease how long an instance may act without having said that it runs, or null: nobody else uses the store */
    private PostgresStore(
            PostgresAddress address, HikariDataSource pool, Duration lease, Duration lookEvery, Clock clock)
            throws SQLException {
        this.address = address;
        this.pool = pool;
        this.clock = clock;
        this.names = new Names(pool);
        this.days = new AttemptDays(pool);
        this.waiting = new WaitingSum(instance);
        this.reads = new Reads(pool);
        long patience = lease == null ? PATIENCE_MS : Math.min(PATIENCE_MS, Math.max(200, lease.toMillis() / 3));
        this.leases = lease == null
                ? null
                : new Leases(instance, lease, () -> connection("leases", LEASE_OPTIONS.formatted(patience)), clock);
        this.bulletin = new Bulletin(instance, pool, () -> connection("listen", ""));
        this.outcomes = new Outcomes(names, days, waiting.new Row("outcome"), instance, clock);
        this.changes = new Changes(names, outcomes.waiting());
        this.retained = waiting.new Row("retention");
        this.retention = new Retention(reads, days, partition -> leases == null || leases.owns(partition));
        try (Connection connection = pool.getConnection()) {
            waiting.read(connection);
        }
        GroupWriter.Connecting writers = () -> connection("writer", WRITER_OPTIONS.formatted(patience));
        this.intake = new GroupWriter(
                "store-intake",
                writers.connect(),
                writers,
                check,
                new Intakes(names, waiting.new Row("intake"), new Minutes(instance + "/intake"), clock));
        this.outcome = new GroupWriter("store-outcome", writers.connect(), writers, check, outcomes);
        this.writer = new Outcomes.Writer() {
            @Override
            public <T> CompletableFuture<T> write(String account, int rows, Outcomes.Work<T> work) {
                return outcome.submit(new Outcomes.Change<>(account, rows, work));
            }
        };
        this.definitions = new Definitions(writer, reads, names, bulletin, clock);
        this.replays = new Replays(writer, reads, names, changes, definitions, bulletin);
        this.waits = new Waits(outcomes, writer, reads, changes, leases, bulletin);
        this.fanOuts = new PendingFanOuts(intake, reads, names, this::owned, this::tellOwners);
        this.figures = new KeptFigures(writer, reads);
        this.waitingByWebhook = new WaitingByWebhook(reads, waiting::get, clock);
        this.accepteds = new Accepteds(reads);
        looking.scheduleWithFixedDelay(
                FatalErrors.watched(this::look), lookEvery.toMillis(), lookEvery.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Connection connection(String purpose, String options) throws SQLException {
        Connection connection = address.connect(purpose, options);
        connection.setAutoCommit(false);
        return connection;
    }

    /**
     * Opens a store that this process alone uses, making its tables where they are missing.
     *
     * @throws StoreException if the database cannot be reached
     */
    public static PostgresStore open(PostgresAddress address, Clock clock) {
        return opened(address, null, LOOK_EVERY, clock);
    }

    /**
     * Opens a store that other instances may use too. Deliveries are this instance's from when it {@link #listen}s.
     *
     * @param lease how long an instance may act without having said that it runs
     * @throws StoreException if the database cannot be reached
     */
    public static PostgresStore open(PostgresAddress address, Duration lease, Clock clock) {
        return opened(address, lease, LOOK_EVERY, clock);
    }

    /** @param lookEvery how often it looks for what nobody told */
    static PostgresStore open(PostgresAddress address, Duration lease, Duration lookEvery, Clock clock) {
        return opened(address, lease, lookEvery, clock);
    }

    private static PostgresStore opened(PostgresAddress address, Duration lease, Duration lookEvery, Clock clock) {
        awaitServer(address);
        try {
            migrate(address);
        } catch (FlywayException e) {
            throw new StoreException(
                    "cannot make the tables of the store " + address + ": " + e.getMessage()
                            + "; the role needs CREATE on its schema",
                    e);
        }
        HikariDataSource pool = pool(address);
        try {
            return new PostgresStore(address, pool, lease, lookEvery, clock);
        } catch (SQLException | RuntimeException e) {
            pool.close();
            throw new StoreException("cannot open the store " + address + ": " + e.getMessage(), e);
        }
    }

    /** A database that starts at the same moment is waited for; a wrong password is not. */
    private static void awaitServer(PostgresAddress address) {
        long end = System.nanoTime() + LONGEST_WAIT_AT_START.toNanos();
        while (true) {
            try {
                address.connect("start", "").close();
                return;
            } catch (SQLException e) {
                if (Faults.isOfSettings(e) || System.nanoTime() > end) {
                    throw new StoreException(
                            "the store " + address + " cannot be used: " + e.getMessage()
                                    + "; check webhooks.store.url, webhooks.store.user and webhooks.store.password, and"
                                    + " whether the server runs and lets this machine in",
                            e);
                }
                LOG.warn("the store {} cannot be reached yet, trying again: {}", address, e.getMessage());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(START_RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting for the store", e);
        }
    }

    private static void migrate(PostgresAddress address) {
        Flyway.configure(PostgresStore.class.getClassLoader())
                .dataSource(
                        address.url(),
                        address.user().isEmpty() ? null : address.user(),
                        address.password().map(secret -> secret.reveal()).orElse(null))
                .locations("classpath:db/postgres")
                .loggers("slf4j")
                .load()
                .migrate();
    }

    private static HikariDataSource pool(PostgresAddress address) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(address.url());
        config.setDataSourceProperties(address.properties("reader", ""));
        config.setPoolName("store-readers");
        config.setMaximumPoolSize(READERS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(PATIENCE_MS);
        config.setValidationTimeout(PATIENCE_MS / 2);
        return new HikariDataSource(config);
    }

    /** The partitions whose deliveries are this instance's. */
    private Columns.Many owned() {
        List<Integer> owned = leases == null
                ? IntStream.range(0, Ownership.PARTITIONS).boxed().toList()
                : leases.owned();
        return Columns.ints(owned, number -> number);
    }

    /** Reads what others may have changed without anybody having told. */
    private void look() {
        try (Connection connection = pool.getConnection()) {
            waiting.read(connection);
            Neighbours whom = neighbours;
            if (whom != null && ++looks % LOOKS_BETWEEN_POLLS == 0) {
                reads.withDue(owned(), clock.instant()).forEach(whom::due);
                tellChanged(whom);
                whom.defined();
                whom.fannedOut();
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug("the store cannot be looked at now", e);
        }
    }

    /**
     * Tells of webhooks whose state is another than when it was read last: what an instance that died did not tell. Holds
     * are left out, for only the owner makes them.
     */
    private void tellChanged(Neighbours whom) {
        Map<WebhookId, List<Object>> now = new HashMap<>();
        for (WebhookState state : reads.webhookStates()) {
            now.put(state.webhook(), Arrays.asList(state.state(), state.reason(), state.since(), state.pausedTotal()));
        }
        Map<WebhookId, List<Object>> before = states.getAndSet(now);
        if (before != null) {
            now.forEach((webhook, state) -> {
                if (!state.equals(before.get(webhook))) {
                    whom.changed(webhook);
                }
            });
        }
    }

    @Override
    public Ownership ownership() {
        return leases == null ? Ownership.ALL : leases;
    }

    @Override
    public void listen(Neighbours whom) {
        neighbours = whom;
        bulletin.listen(new Bulletin.Listener() {
            @Override
            public void told(Bulletin.News news, WebhookId webhook) {
                hear(news, webhook);
            }

            @Override
            public CompletionStage<Integer> asked(WebhookId webhook, List<String> deliveries, String reason) {
                return leases == null || !leases.owns(webhook) ? null : whom.discard(webhook, deliveries, reason);
            }

            @Override
            public void resumed() {
                tellChanged(whom);
                whom.missed();
                whom.defined();
                whom.fannedOut();
                lookAtInstances();
            }
        });
        if (leases != null) {
            leases.start(new Leases.Told() {
                @Override
                public void moved() {
                    whom.moved();
                }

                @Override
                public void look() {
                    bulletin.tell(Bulletin.News.INSTANCES, Set.of());
                }

                @Override
                public void rejoined() {
                    waiting.inDoubt();
                }
            });
        }
    }

    private void hear(Bulletin.News news, WebhookId webhook) {
        switch (news) {
            case DUE -> neighbours.due(webhook);
            case NOW -> neighbours.dueNow(webhook);
            case STATE -> neighbours.changed(webhook);
            case NAME -> names.forgetWebhooks();
            case DEFINITIONS -> neighbours.defined();
            case FAN_OUT -> neighbours.fannedOut();
            case INSTANCES -> lookAtInstances();
        }
    }

    private void lookAtInstances() {
        if (leases != null) {
            leases.look();
        }
    }

    @Override
    public CompletionStage<List<Accepted>> accept(List<Intake> intakes) {
        CompletableFuture<List<Accepted>> accepted = intake.submit(new Intakes.Part(intakes));
        return leases == null
                ? accepted
                : accepted.whenComplete((answers, failure) -> {
                    if (failure == null) {
                        tellOwners(Intakes.webhooks(intakes, answers));
                        if (answers.stream().anyMatch(Accepted::fannedOut)) {
                            bulletin.tell(Bulletin.News.FAN_OUT, Set.of());
                        }
                    }
                });
    }

    private void tellOwners(Set<WebhookId> webhooks) {
        webhooks.removeIf(ownership()::owns);
        if (!webhooks.isEmpty()) {
            bulletin.tell(Bulletin.News.DUE, webhooks);
        }
    }

    @Override
    public CompletionStage<Recorded> record(TryResult result) {
        Leases.Try under = leases == null ? null : leases.begun(result.webhook(), result.delivery());
        Outcomes.End end = new Outcomes.End(result, under);
        return outcome.submit(end).thenApply(done -> {
            if (result.disableWebhook() != null || result.holdWebhookUntil() != null || done.disabled() != null) {
                bulletin.tell(Bulletin.News.STATE, Set.of(end.webhook()));
            }
            return done;
        });
    }

    @Override
    public Optional<String> supersededBy(RecordKey record, String delivery) {
        return reads.supersededBy(record, delivery);
    }

    /** A place that is known is read, not written: nearly all of them are. */
    @Override
    public CompletionStage<OptionalInt> place(RecordKey record, String member, int most) {
        Instant now = clock.instant();
        return reads.place(record, member, now.minus(PLACE_USE))
                .<CompletionStage<OptionalInt>>map(number -> CompletableFuture.completedFuture(OptionalInt.of(number)))
                .orElseGet(() -> writer.write(
                        record.account(),
                        1,
                        connection -> changes.place(connection, record, member, most, now.toEpochMilli())));
    }

    @Override
    public List<WaitingWebhook> waiting() {
        return reads.waiting(owned());
    }

    @Override
    public DueSearch.Found due(DueSearch search) {
        return reads.due(search);
    }

    @Override
    public long dueCount(WebhookId webhook, Instant at, int most) {
        return reads.dueCount(webhook, at, most);
    }

    @Override
    public Optional<Instant> nextDue(WebhookId webhook, Share share, Instant after) {
        return reads.nextDue(webhook, share, after);
    }

    @Override
    public List<WebhookState> webhookStates() {
        return reads.webhookStates();
    }

    @Override
    public Optional<WebhookState> webhookState(WebhookId webhook) {
        return reads.state(webhook);
    }

    @Override
    public CompletionStage<WebhookState> setState(
            WebhookId webhook, WebhookState.State state, String reason, Instant since) {
        return writer.write(
                        webhook.account(),
                        1,
                        connection -> outcomes.setState(connection, webhook, state, reason, since))
                .thenApply(changed -> {
                    bulletin.tell(Bulletin.News.STATE, Set.of(webhook));
                    return changed;
                });
    }

    /** In a transaction of its own, and at once: others make rows for names in theirs. */
    @Override
    public CompletionStage<Void> rename(WebhookId from, String newName) {
        CompletableFuture<Void> renamed = new CompletableFuture<>();
        try {
            renameAtOnce(from, newName);
            renameParts(from, newName);
            names.forgetWebhooks();
            bulletin.tell(Bulletin.News.NAME, Set.of(from));
            WebhookId to = new WebhookId(from.account(), newName);
            bulletin.tell(Bulletin.News.STATE, Set.of(to));
            if (leases != null && !leases.owns(to)) {
                bulletin.tell(Bulletin.News.DUE, Set.of(to));
            }
            renamed.complete(null);
        } catch (SQLException e) {
            renamed.completeExceptionally(Faults.unavailable(e));
        }
        return renamed;
    }

    private void renameAtOnce(WebhookId from, String newName) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            inTransaction(connection, () -> changes.rename(connection, from, newName));
        }
    }

    /** Deliveries that wait to be inserted are for a webhook's new name. Each part has its own transaction. */
    private void renameParts(WebhookId from, String newName) throws SQLException {
        for (FanOutSql.Key part : reads.query(FanOutSql.NAMING, FanOutSql.naming(from), FanOutSql.Key::of)) {
            try (Connection connection = pool.getConnection()) {
                inTransaction(
                        connection, () -> FanOutSql.rename(connection, part, from.name(), newName, " FOR UPDATE"));
            }
        }
    }

    private interface Step {
        void carryOut() throws SQLException;
    }

    private static void inTransaction(Connection connection, Step step) throws SQLException {
        connection.setAutoCommit(false);
        try {
            step.carryOut();
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    @Override
    public List<DeliveryRow> deliveries(DeliveryQuery query) {
        return reads.deliveries(query);
    }

    @Override
    public Found search(DeliveryQuery query, int look) {
        return reads.search(query, look);
    }

    @Override
    public Optional<DeliveryRow> delivery(String account, String id) {
        return reads.delivery(account, id);
    }

    @Override
    public Optional<DueDelivery> kept(String account, String id) {
        return reads.kept(account, id);
    }

    @Override
    public List<AttemptRow> attempts(String deliveryId) {
        return reads.attempts(deliveryId);
    }

    @Override
    public CompletionStage<Replayed> replay(String account, String id, String newId, Instant now) {
        return writer.write(account, 1, connection -> changes.replay(connection, account, id, newId, now))
                .thenApply(replay -> {
                    if (replay.webhook() != null) {
                        bulletin.tell(Bulletin.News.NOW, Set.of(replay.webhook()));
                    }
                    return replay.replayed();
                });
    }

    @Override
    public List<WebhookId> withUnsent() {
        return reads.withUnsent(owned());
    }

    @Override
    public CompletionStage<Released> release(
            WebhookId webhook, boolean refusedToo, Instant now, Waiting after, int look) {
        HeldUp heldUp = reads.heldUp(webhook, refusedToo, after, look);
        return heldUp.deliveries().isEmpty()
                ? CompletableFuture.completedFuture(new Released(0, heldUp.lookedUpTo()))
                : writer.write(
                        webhook.account(),
                        heldUp.deliveries().size(),
                        connection -> new Released(
                                Changes.makeDue(connection, heldUp.deliveries(), now), heldUp.lookedUpTo()));
    }

    /** Of webhooks that this instance owns, so that one instance tells. */
    @Override
    public List<Notice> notices(int limit) {
        return reads.notices(limit, owned());
    }

    @Override
    public CompletionStage<Void> told(long notice) {
        return writer.write(connection -> {
            Columns.update(connection, "DELETE FROM notice WHERE key = ?", notice);
            return null;
        });
    }

    @Override
    public Map<String, Long> waiting(String account, Collection<String> webhooks) {
        return waitingByWebhook.of(account, webhooks);
    }

    @Override
    public List<String> webhookNames(String account, String after, int limit) {
        return reads.webhookNames(account, after, limit);
    }

    @Override
    public Optional<List<String>> webhooksThatWait(String account, int most) {
        return reads.webhooksThatWait(account, most);
    }

    @Override
    public Map<String, Long> mostWaiting(String account, int limit) {
        return waitingByWebhook.most(account, limit);
    }

    @Override
    public Map<WebhookId, Long> mostWaiting(int limit) {
        return reads.mostWaiting(limit);
    }

    @Override
    public Map<WebhookId, Map<DeliveryState, Long>> figures(Collection<String> accounts) {
        return reads.figures(accounts);
    }

    @Override
    public long waitingCount() {
        return waiting.get();
    }

    /** Of the whole database. */
    @Override
    public long size() {
        return reads.size();
    }

    @Override
    public CompletionStage<RetentionStep> retain(RetentionLimits limits, SettingAside aside) {
        Retention.Plan plan = retention.plan(limits);
        Map<String, WebhookId> setAside = reads.webhooksOf(plan.waiting());
        setAside.entrySet().removeIf(entry -> !aside.setAside(entry.getValue(), entry.getKey()));
        List<String> begun = new ArrayList<>(setAside.size());
        Map<String, Leases.Try> under = new HashMap<>();
        CompletableFuture<RetentionStep> step = new CompletableFuture<>();
        try {
            setAside.forEach((delivery, webhook) -> begin(webhook, delivery, begun, under));
            step.complete(retain(limits, plan, begun, under));
        } catch (SQLException e) {
            retained.inDoubt();
            step.completeExceptionally(Faults.unavailable(e));
        } finally {
            begun.forEach(ownership()::ended);
            setAside.forEach((delivery, webhook) -> aside.giveBack(webhook, delivery));
        }
        return step;
    }

    /** As a try: its partition is not given back before this has ended, and has an owner who knows of it. */
    private void begin(WebhookId webhook, String delivery, List<String> begun, Map<String, Leases.Try> under) {
        if (ownership().begin(webhook, delivery)) {
            begun.add(delivery);
            if (leases != null) {
                under.put(delivery, leases.begun(webhook, delivery));
            }
        }
    }

    private synchronized RetentionStep retain(
            RetentionLimits limits, Retention.Plan plan, List<String> begun, Map<String, Leases.Try> under)
            throws SQLException {
        try (Connection connection = pool.getConnection()) {
            int[] attempts = new int[1];
            Retention.Done[] done = new Retention.Done[1];
            // before the deliveries they belong to are gone
            attempts[0] = dropDay(connection, limits);
            inTransaction(connection, () -> {
                retained.begin(connection);
                retention.forgetRecords(connection, limits.identitiesBefore().toEpochMilli(), limits.rows());
                List<String> givingUp = outcomes.ours(connection, begun, under);
                done[0] = retention.carryOut(
                        connection, plan, givingUp, limits.now().toEpochMilli());
                retained.add(-done[0].gaveUp());
                retained.write(connection);
            });
            retained.committed();
            return new RetentionStep(
                    done[0].payloads(),
                    attempts[0],
                    done[0].events(),
                    done[0].gaveUp(),
                    plan.more() || attempts[0] > 0);
        }
    }

    /** One that is being read all the time is dropped another time. */
    private int dropDay(Connection connection, RetentionLimits limits) throws SQLException {
        int[] attempts = new int[1];
        try {
            inTransaction(connection, () -> attempts[0] = retention.dropDay(connection, limits));
            return attempts[0];
        } catch (SQLException e) {
            if (Faults.isOfServer(e)) {
                throw e;
            }
            LOG.info("an old day of attempts cannot be dropped now, and is at the next occasion: {}", e.getMessage());
            return 0;
        }
    }

    /** The database's own vacuum does it. */
    @Override
    public CompletionStage<Integer> vacuum(int pages) {
        return CompletableFuture.completedFuture(0);
    }

    @Override
    public void checkWritable() {
        check.check(value -> writer.write(connection -> {
            Changes.setting(connection, "writable-at", value);
            return null;
        }));
        if (intake.isCut()) {
            throw new StoreException("the connection by which events are stored is not back yet", null);
        }
    }

    @Override
    public Optional<byte[]> setting(String name) {
        return reads.setting(name);
    }

    @Override
    public CompletionStage<Void> setting(String name, byte[] value) {
        return writer.write(connection -> {
            Changes.setting(connection, name, value);
            return null;
        });
    }

    @Override
    public CompletionStage<byte[]> settingUnlessThere(String name, byte[] value) {
        return writer.write(connection -> {
                    Columns.update(
                            connection,
                            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
                            name,
                            value);
                    return null;
                })
                .thenApply(done -> reads.setting(name).orElse(value));
    }

    @Override
    public CompletionStage<Void> settings(Map<String, Optional<byte[]>> settings) {
        return writer.write(connection -> {
                    Changes.settings(connection, settings);
                    return null;
                })
                .thenRun(() -> bulletin.tell(Bulletin.News.DEFINITIONS, Set.of()));
    }

    @Override
    public void saySetUp(long generation) {
        if (leases != null) {
            leases.say(generation);
            update("UPDATE instance SET set_up = ? WHERE id = ?", generation, instance);
        }
    }

    @Override
    public boolean isSetUpSaid(long generation) {
        return reads.isSetUpSaid(generation);
    }

    @Override
    public FanOuts fanOuts() {
        return fanOuts;
    }

    @Override
    public Figures figures() {
        return figures;
    }

    @Override
    public EventLog events() {
        return accepteds;
    }

    @Override
    public WaitingDeliveries waitingDeliveries() {
        return waits;
    }

    @Override
    public ReplayJobs replays() {
        return replays;
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
    public boolean claim(String name, Duration most) {
        return update(
                        "INSERT INTO claim (name, owner, until) VALUES (?, ?, clock_timestamp() + ? * interval '1 millisecond')"
                                + " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until"
                                + " WHERE claim.until IS NULL OR claim.until < clock_timestamp()",
                        name,
                        instance,
                        most.toMillis())
                == 1;
    }

    @Override
    public Optional<byte[]> claimed(String name) {
        return reads.claimed(name);
    }

    @Override
    public void giveBack(String name, byte[] made) {
        update(
                "UPDATE claim SET until = NULL, made = coalesce(?::bytea, made) WHERE name = ? AND owner = ?",
                made,
                name,
                instance);
    }

    private int update(String sql, Object... values) {
        try (Connection connection = pool.getConnection()) {
            return Columns.update(connection, sql, values);
        } catch (SQLException e) {
            throw Faults.unavailable(e);
        }
    }

    @Override
    public void rewrite() {
        reads.rewriteSealed();
    }

    /** The names of the instances that run on this store. */
    public List<String> running() {
        return reads.running();
    }

    /** Work of one's own in a writer's transaction: for tests. */
    <T> CompletableFuture<T> change(Outcomes.Work<T> work) {
        return writer.write(work);
    }

    @Override
    public void close() {
        looking.shutdownNow();
        intake.close();
        outcome.close();
        if (leases != null) {
            leases.close();
        } else {
            foldSum();
        }
        bulletin.close();
        waitingByWebhook.close();
        pool.close();
    }

    private void foldSum() {
        try (Connection connection = pool.getConnection()) {
            inTransaction(connection, () -> WaitingSum.fold(connection, instance));
        } catch (SQLException | RuntimeException e) {
            LOG.debug("the sum of what waits stays in several rows", e);
        }
    }
}
