package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.ledger.Background;
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

/**
 * Loads the configuration file at start and follows it. A changed file is read once two polls in a row saw the same, so a
 * partial save is not mistaken for a short file. A good one is handed to the listeners and then becomes
 * {@link #current()}; a broken or vanished one changes nothing but the {@link #status()}. The last good one is kept, sealed,
 * for a restart on a broken file. Where several processes keep it in one place, {@link ConfigReconciler} says whose file holds.
 *
 * <p>The content is compared, not time stamps, so links that are switched and saves by renaming are seen.
 *
 * <p>{@link #current()} and {@link #status()} may be called by any thread.
 */
public final class ConfigFile implements AutoCloseable {

    /** Interval of polls: a save becomes active within two. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(ConfigFile.class);

    private final Source source;
    private final ConfigParser reader;
    private final LastKnownGoodConfig lastGood;
    private final Vault vault;
    private final Clock clock;
    private final List<Consumer<Config>> listeners = new CopyOnWriteArrayList<>();

    private volatile Config current = Config.empty();
    private volatile ConfigStatus status;
    private RecordingPlaceholders asked;
    private FileSnapshot judged;
    private FileSnapshot pending;
    private StoredConfig unsaved;
    private final Optional<ConfigReconciler> agreement;
    private long generation;
    private final Background follower = new Background("config-file");

    /**
     * The source of the configuration.
     *
     * @param file the configuration file
     * @param named whether the user named it: then it must be there at start
     * @param placeholders what its placeholders stand for
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
     * @param lastGood where the last good one is kept
     * @param vault seals what is kept
     * @param clock for the status
     */
    public ConfigFile(Source source, ConfigParser reader, LastKnownGoodConfig lastGood, Vault vault, Clock clock) {
        this.source = Objects.requireNonNull(source);
        this.reader = Objects.requireNonNull(reader);
        this.lastGood = Objects.requireNonNull(lastGood);
        this.vault = Objects.requireNonNull(vault);
        this.clock = Objects.requireNonNull(clock);
        this.agreement =
                lastGood.sharing().map(sharing -> new ConfigReconciler(lastGood, sharing, vault, System::nanoTime));
        this.asked = new RecordingPlaceholders(source.placeholders());
        Instant now = clock.instant();
        this.status = new ConfigStatus(source.file(), ConfigStatus.State.NONE, now, now, List.of(), List.of());
    }

    /**
     * Registers a listener for each configuration, the first included if registered before {@link #start()}. They run one after the
     * other, on one thread, before it becomes active. A listener that fails rejects the configuration; it is
     * tried again, so listeners may see the same one twice.
     */
    public void onChange(Consumer<Config> listener) {
        listeners.add(listener);
    }

    /** The active configuration. */
    public Config current() {
        return current;
    }

    public ConfigStatus status() {
        return status;
    }

    /**
     * Loads the file. If it has faults, what was good before runs, loudly; so it does if a file that was not named is gone.
     *
     * @return what is set up
     * @throws ConfigFaults if the file was named and is not there, or has faults and none was good before
     */
    public synchronized Config start() throws ConfigFaults {
        FileSnapshot look = look(null);
        if (look.isGone()) {
            startWithoutFile();
            judged = look;
            return current;
        }
        try {
            judge(contentOf());
        } catch (ConfigFaults broken) {
            startOnLastGood(ConfigStatus.State.BROKEN, broken);
        }
        return current;
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
        tell(Config.empty());
        LOG.info(
                "config.file-missing file={}: it does not exist and webhooks.config names none; no file configures anything until it exists",
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
            tell(good.config());
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

    /** Starts to look at the file every {@link #INTERVAL}, on its own thread. */
    public synchronized void follow() {
        follow(INTERVAL);
    }

    synchronized void follow(Duration interval) {
        follower.every(interval, () -> {
            look();
            lookAtOthers();
        });
    }

    /** Activates the shared configuration where another process has changed it. */
    public synchronized void followOthers() {
        agreement.flatMap(all -> all.otherThan(generation)).ifPresent(this::takeUpShared);
    }

    private void lookAtOthers() {
        followOthers();
        agreement.flatMap(all -> all.takenBack(generation)).ifPresent(this::takeUpShared);
    }

    /** What another process found good may have faults here: it may be of another version. */
    private void takeUpShared(ConfigReconciler.Held held) {
        StoredConfig kept = held.shared().config();
        try {
            ConfigParser.Good good = reader.readKept(kept.file(), kept.placeholders());
            tell(good.config());
            generation = held.shared().generation();
            LOG.info("config.active {}: {} from the file of another instance", resource(), good.config());
            tellOfOthers(held, good);
        } catch (ConfigFaults e) {
            generation = held.shared().generation();
            report(ConfigStatus.State.BROKEN, e.faults());
        }
    }

    private void tellOfOthers(ConfigReconciler.Held held, ConfigParser.Good good) {
        Instant now = clock.instant();
        Instant readAt = held.shared().config().readAt();
        ConfigStatus before = status;
        boolean isJudged = before.state() == ConfigStatus.State.CURRENT || before.state() == ConfigStatus.State.OTHER;
        if (held.isOurs()) {
            status = status(ConfigStatus.State.CURRENT, now, readAt, List.of(), good.warnings());
        } else if (isJudged) {
            status = status(ConfigStatus.State.OTHER, now, readAt, List.of(), good.warnings());
            LOG.warn(status.summary());
        } else {
            status = status(before.state(), before.since(), readAt, before.faults(), good.warnings());
        }
    }

    /** Polls the file: checks a change that two polls in a row saw. */
    synchronized void look() {
        FileSnapshot now;
        try {
            now = look(pending == null ? judged : pending);
        } catch (FileDescriptors.NoneLeftException e) {
            // the next look sees more
            return;
        }
        if (now.sawTheSameAs(judged)) {
            pending = null;
            save();
        } else if (now.sawTheSameAs(pending)) {
            pending = null;
            judge(now);
        } else {
            pending = now;
        }
    }

    /** Reads the file and the files that it names, changed or not; {@link #status()} has the result. */
    public synchronized void reread() {
        pending = null;
        judge(look(null));
    }

    private FileSnapshot look(FileSnapshot before) {
        return FileSnapshot.at(source.file(), asked.files(), source.placeholders(), before);
    }

    private void judge(FileSnapshot look) {
        judged = look;
        try {
            if (look.isGone()) {
                report(ConfigStatus.State.GONE, List.of(new Fault(0, resource(), "is gone", "put it back")));
            } else {
                judge(contentOf());
            }
        } catch (ConfigFaults broken) {
            report(ConfigStatus.State.BROKEN, broken.faults());
        } catch (FileDescriptors.NoneLeftException e) {
            // says nothing about the file
            judged = null;
        } catch (RuntimeException e) {
            judged = null;
            LOG.error("config.not-activated {}: the previous configuration stays active; it is retried", resource(), e);
            report(
                    ConfigStatus.State.BROKEN,
                    List.of(new Fault(0, resource(), "could not be activated", "the log says why; it is retried")));
        }
    }

    private void judge(byte[] content) throws ConfigFaults {
        asked = new RecordingPlaceholders(source.placeholders());
        try {
            takeUp(reader.read(content, asked), content);
        } finally {
            FileSnapshot after = look(null);
            judged = after.isOf(content) ? after : null;
        }
    }

    private void takeUp(ConfigParser.Good good, byte[] content) {
        Instant now = clock.instant();
        StoredConfig read = new StoredConfig(now, content, asked.answers());
        Optional<ConfigReconciler.Held> held = agreement.map(all -> all.offer(read));
        if (held.isPresent() && !held.get().isOurs()) {
            status = status(ConfigStatus.State.OTHER, now, now, List.of(), List.of());
            takeUpShared(held.get());
            return;
        }
        tell(good.config());
        status = status(ConfigStatus.State.CURRENT, now, now, List.of(), good.warnings());
        LOG.info("config.active {}: {}", resource(), good.config());
        good.warnings().forEach(warning -> LOG.warn("config.warning {}: {}", resource(), warning));
        if (held.isPresent()) {
            generation = held.get().shared().generation();
        } else {
            unsaved = read;
            save();
        }
    }

    private void tell(Config config) {
        listeners.forEach(listener -> listener.accept(config));
        current = config;
    }

    private void save() {
        if (unsaved == null) {
            return;
        }
        try {
            lastGood.save(vault.seal(unsaved.toBytes()));
            unsaved = null;
        } catch (RuntimeException e) {
            LOG.warn("config.not-stored {}: it is active, but not stored for a restart; retried", resource(), e);
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

    private void report(ConfigStatus.State state, List<Fault> faults) {
        ConfigStatus before = status;
        if (before.state() == state && before.faults().equals(faults)) {
            return;
        }
        Instant since = before.state() == state ? before.since() : clock.instant();
        status = status(state, since, before.runsSince(), faults, before.warnings());
        String text = "the previous configuration stays active; " + new ConfigFaults(faults).getMessage();
        text.lines().forEach(line -> LOG.error("config.faulty {}: {}", resource(), line));
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
