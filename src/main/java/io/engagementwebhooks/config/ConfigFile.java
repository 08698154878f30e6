package io.engagementwebhooks.config;

import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Fault;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.config.schema.RecordingPlaceholders;
import io.engagementwebhooks.config.schema.YamlText;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.webhook.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Loads the configuration file at start and polls it for changes. A changed file is parsed once two polls in a row read
 * the same content, so that a partial save is ignored. A valid one is passed to the listeners; an invalid or missing one
 * changes only the {@link #status()}. The last valid one is stored encrypted, for a restart with an invalid file. If
 * instances share a store, {@link ConfigReconciler} selects the active file.
 *
 * <p>Compares contents, not time stamps, so that switched links and saves by rename are detected.
 *
 * <p>{@link #status()} is thread-safe.
 */
public final class ConfigFile implements AutoCloseable {

    /** Interval of polls. A save becomes active within two. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(ConfigFile.class);

    private final Source source;
    private final ConfigParser reader;
    private final LastKnownGoodConfig lastGood;
    private final Vault vault;
    private final Clock clock;
    private final List<Consumer<Config>> listeners = new CopyOnWriteArrayList<>();

    private volatile ConfigStatus status;
    private RecordingPlaceholders resolved;
    private FileSnapshot checked;
    private FileSnapshot pending;
    private StoredConfig unsaved;
    private final Optional<ConfigReconciler> reconciler;
    private long generation;
    private final Background follower = new Background("config-file");

    /**
     * The source of the configuration.
     *
     * @param file the configuration file
     * @param named whether the user configured it, so that it must exist at start
     * @param placeholders resolves its placeholders
     */
    public record Source(Path file, boolean named, Placeholders placeholders) {

        public Source {
            Objects.requireNonNull(file);
            Objects.requireNonNull(placeholders);
        }
    }

    /**
     * @param source the file
     * @param reader reads it
     * @param lastGood stores the last valid configuration
     * @param vault encrypts it
     * @param clock for the status
     */
    public ConfigFile(Source source, ConfigParser reader, LastKnownGoodConfig lastGood, Vault vault, Clock clock) {
        this.source = Objects.requireNonNull(source);
        this.reader = Objects.requireNonNull(reader);
        this.lastGood = Objects.requireNonNull(lastGood);
        this.vault = Objects.requireNonNull(vault);
        this.clock = Objects.requireNonNull(clock);
        this.reconciler =
                lastGood.sharing().map(sharing -> new ConfigReconciler(lastGood, sharing, vault, System::nanoTime));
        this.resolved = new RecordingPlaceholders(source.placeholders());
        Instant now = clock.instant();
        this.status = new ConfigStatus(source.file(), ConfigStatus.State.NONE, now, now, List.of(), List.of());
    }

    /**
     * Registers a listener of configurations, including the first if registered before {@link #start()}. Listeners run
     * one after the other, on one thread, before the configuration becomes active. If one fails, the configuration is
     * rejected and retried, so listeners may get the same one twice.
     */
    public void onChange(Consumer<Config> listener) {
        listeners.add(listener);
    }

    public ConfigStatus status() {
        return status;
    }

    /**
     * Loads the file. If it is invalid, or missing and not configured by the user, uses the last valid configuration
     * and logs errors.
     *
     * @throws ConfigFaults if the configured file is missing, or invalid without a last valid one
     */
    public synchronized void start() throws ConfigFaults {
        FileSnapshot poll = poll(null);
        if (poll.isGone()) {
            startWithoutFile();
            checked = poll;
            return;
        }
        try {
            check(contentOf());
        } catch (ConfigFaults broken) {
            startOnLastGood(ConfigStatus.State.BROKEN, broken);
        }
    }

    private void startWithoutFile() throws ConfigFaults {
        ConfigFaults missing = new ConfigFaults(List.of(new Fault(
                0,
                resource(),
                "does not exist",
                "create it, or name another by webhooks.config; accounts: [] sets up nothing")));
        if (source.named()) {
            throw missing;
        }
        if (lastGood.load().isPresent()) {
            startOnLastGood(ConfigStatus.State.GONE, missing);
            return;
        }
        notifyListeners(Config.empty());
        LOG.info(
                "config.file-missing file={}: it does not exist and webhooks.config names none; nothing is configured until it exists",
                source.file());
    }

    private void startOnLastGood(ConfigStatus.State state, ConfigFaults broken) throws ConfigFaults {
        Optional<byte[]> sealed = lastGood.load();
        if (sealed.isEmpty()) {
            throw broken;
        }
        try {
            ReplicatedConfig shared = ReplicatedConfig.of(vault.unseal(sealed.get()));
            StoredConfig kept = shared.config();
            ConfigParser.Good good = reader.readKept(kept.file(), kept.placeholders());
            notifyListeners(good.config());
            generation = shared.generation();
            status = status(ConfigStatus.State.CURRENT, kept.readAt(), kept.readAt(), List.of(), good.warnings());
            report(state, broken.faults());
        } catch (VaultFault | IOException | ConfigFaults e) {
            List<Fault> all = new ArrayList<>(broken.faults());
            all.add(new Fault(
                    0,
                    "the last good configuration",
                    "cannot be used either: " + e.getMessage(),
                    "repair " + source.file()));
            throw new ConfigFaults(all);
        }
    }

    /** Starts to poll the file every {@link #INTERVAL}, on its own thread. */
    public synchronized void follow() {
        follow(INTERVAL);
    }

    synchronized void follow(Duration interval) {
        follower.every(interval, () -> {
            poll();
            pollShared();
        });
    }

    /** Polls the shared configuration and activates it after another instance has changed it. */
    public synchronized void followOthers() {
        reconciler.flatMap(all -> all.changedSince(generation)).ifPresent(held -> activateShared(held, isFileValid()));
    }

    private void pollShared() {
        followOthers();
        reconciler
                .flatMap(all -> all.replaceWithdrawn(generation))
                .ifPresent(held -> activateShared(held, isFileValid()));
    }

    private boolean isFileValid() {
        return status.state() == ConfigStatus.State.CURRENT || status.state() == ConfigStatus.State.OTHER;
    }

    /**
     * Another instance's valid file may be invalid here, if the versions differ.
     *
     * @param isFileValid whether the file of this instance is valid, so that its faults are not reported any more
     */
    private void activateShared(ConfigReconciler.Active held, boolean isFileValid) {
        StoredConfig kept = held.shared().config();
        try {
            ConfigParser.Good good = reader.readKept(kept.file(), kept.placeholders());
            notifyListeners(good.config());
            generation = held.shared().generation();
            LOG.info("config.active {}: {} from the file of another instance", resource(), good.config());
            reportShared(held, good, isFileValid);
        } catch (ConfigFaults e) {
            generation = held.shared().generation();
            report(ConfigStatus.State.BROKEN, e.faults());
        }
    }

    private void reportShared(ConfigReconciler.Active held, ConfigParser.Good good, boolean isFileValid) {
        Instant now = clock.instant();
        Instant readAt = held.shared().config().readAt();
        ConfigStatus before = status;
        if (held.isOurs()) {
            status = status(ConfigStatus.State.CURRENT, now, readAt, List.of(), good.warnings());
        } else if (isFileValid) {
            status = status(ConfigStatus.State.OTHER, now, readAt, List.of(), good.warnings());
            LOG.warn(status.summary());
        } else {
            status = status(before.state(), before.since(), readAt, before.faults(), good.warnings());
        }
    }

    /** Polls the file, and parses a change that two polls in a row read. */
    synchronized void poll() {
        FileSnapshot now;
        try {
            now = poll(pending == null ? checked : pending);
        } catch (FileDescriptors.NoneLeftException e) {
            // the next poll reads it again
            return;
        }
        if (now.sawTheSameAs(checked)) {
            pending = null;
            save(Level.DEBUG);
        } else if (now.sawTheSameAs(pending)) {
            pending = null;
            check(now);
        } else {
            pending = now;
        }
    }

    /** Parses the file and its referenced files, even if unchanged; {@link #status()} has the result. */
    public synchronized void reread() {
        pending = null;
        check(poll(null));
    }

    private FileSnapshot poll(FileSnapshot before) {
        return FileSnapshot.at(source.file(), resolved.files(), source.placeholders(), before);
    }

    private void check(FileSnapshot poll) {
        checked = poll;
        try {
            if (poll.isGone()) {
                report(ConfigStatus.State.GONE, List.of(new Fault(0, resource(), "is gone", "put it back")));
            } else {
                check(contentOf());
            }
        } catch (ConfigFaults broken) {
            report(ConfigStatus.State.BROKEN, broken.faults());
        } catch (FileDescriptors.NoneLeftException e) {
            // not a fault of the file
            checked = null;
        } catch (RuntimeException e) {
            checked = null;
            String rule =
                    "could not be activated: " + Causes.unwrapped(e).getClass().getSimpleName();
            Fault fault = new Fault(0, resource(), rule, "the log says why; it is retried");
            if (report(ConfigStatus.State.BROKEN, List.of(fault))) {
                LOG.error("config.not-activated {}: the previous configuration stays active; retried", resource(), e);
            }
        }
    }

    private void check(byte[] content) throws ConfigFaults {
        resolved = new RecordingPlaceholders(source.placeholders());
        try {
            activate(reader.read(content, resolved), content);
        } finally {
            FileSnapshot after = poll(null);
            checked = after.isOf(content) ? after : null;
        }
    }

    private void activate(ConfigParser.Good good, byte[] content) {
        Instant now = clock.instant();
        StoredConfig read = new StoredConfig(now, content, resolved.answers());
        Optional<ConfigReconciler.Active> held = reconciler.map(all -> all.offer(read));
        if (held.isPresent() && !held.get().isOurs()) {
            activateShared(held.get(), true);
            return;
        }
        notifyListeners(good.config());
        status = status(ConfigStatus.State.CURRENT, now, now, List.of(), good.warnings());
        LOG.info("config.active {}: {}", resource(), good.config());
        good.warnings().forEach(warning -> LOG.warn("config.warning {}: {}", resource(), warning));
        if (held.isPresent()) {
            generation = held.get().shared().generation();
        } else {
            unsaved = read;
            save(Level.WARN);
        }
    }

    private void notifyListeners(Config config) {
        listeners.forEach(listener -> listener.accept(config));
    }

    /** @param failure the level of a failure: only the first of a configuration is for people */
    private void save(Level failure) {
        if (unsaved == null) {
            return;
        }
        try {
            lastGood.save(vault.seal(unsaved.toBytes()));
            unsaved = null;
        } catch (RuntimeException e) {
            LOG.atLevel(failure)
                    .setCause(e)
                    .log(
                            "config.not-stored {}: it is active, but could not be stored for a restart; retried",
                            resource());
        }
    }

    private byte[] contentOf() throws ConfigFaults {
        try {
            return YamlText.read(source.file());
        } catch (IOException e) {
            FileDescriptors.OF_PROCESS.check("reading " + source.file(), e);
            throw new ConfigFaults(List.of(
                    new Fault(0, resource(), "cannot be read", "it must be a file that this process may read")));
        }
    }

    /** @return false: it was reported already */
    private boolean report(ConfigStatus.State state, List<Fault> faults) {
        ConfigStatus before = status;
        if (before.state() == state && before.faults().equals(faults)) {
            return false;
        }
        Instant since = before.state() == state ? before.since() : clock.instant();
        status = status(state, since, before.runsSince(), faults, before.warnings());
        String text = "the previous configuration stays active; " + new ConfigFaults(faults).getMessage();
        text.lines().forEach(line -> LOG.error("config.faulty {}: {}", resource(), line));
        return true;
    }

    private ConfigStatus status(
            ConfigStatus.State state, Instant since, Instant runsSince, List<Fault> faults, List<Fault> warnings) {
        return new ConfigStatus(source.file(), state, since, runsSince, faults, warnings);
    }

    private String resource() {
        return "configuration file " + source.file();
    }

    /** Stops following; the active configuration stays. */
    @Override
    public synchronized void close() {
        follower.stop();
    }
}
