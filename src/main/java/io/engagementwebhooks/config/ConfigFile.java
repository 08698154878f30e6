package io.engagementwebhooks.config;

import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Fault;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.config.schema.RecordingPlaceholders;
import io.engagementwebhooks.config.schema.YamlText;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FileDescriptors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the configuration file at start and polls it for changes. A changed file is parsed once two polls in a row read
 * the same content, so that a partial save is ignored. A valid one is applied; an invalid or missing one changes only the
 * {@link #status()}.
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
    private final FileTarget target;
    private final Clock clock;

    private volatile ConfigStatus status;
    private RecordingPlaceholders resolved;
    private FileSnapshot checked;
    private FileSnapshot pending;
    private boolean isForced;

    /** Of the file, if it is valid; empty: it is not. */
    private String fingerprint = "";

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
     * @param target where it is applied
     * @param isForced whether the first valid file is applied although it is older than the active one
     * @param clock for the status
     */
    public ConfigFile(Source source, ConfigParser reader, FileTarget target, boolean isForced, Clock clock) {
        this.source = Objects.requireNonNull(source);
        this.reader = Objects.requireNonNull(reader);
        this.target = Objects.requireNonNull(target);
        this.isForced = isForced;
        this.clock = Objects.requireNonNull(clock);
        this.resolved = new RecordingPlaceholders(source.placeholders());
        Instant now = clock.instant();
        this.status = new ConfigStatus(source.file(), ConfigStatus.State.NONE, now, now, List.of(), List.of());
    }

    public ConfigStatus status() {
        return status;
    }

    /**
     * Loads the file. If it is invalid, or missing and not configured by the user, what was applied before stays active.
     *
     * @throws ConfigFaults if the configured file is missing, or invalid and none was applied before
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
            if (target.files().known().isEmpty()) {
                throw broken;
            }
            report(ConfigStatus.State.BROKEN, broken.faults());
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
        if (target.files().known().isEmpty()) {
            LOG.info(
                    "config.file-missing file={}: it does not exist and webhooks.config names none; nothing is configured until it exists",
                    source.file());
        } else {
            report(ConfigStatus.State.GONE, missing.faults());
        }
    }

    /** Starts to poll the file every {@link #INTERVAL}, on its own thread. */
    public synchronized void follow() {
        follow(INTERVAL);
    }

    synchronized void follow(Duration interval) {
        follower.every(interval, () -> {
            poll();
            followOthers();
        });
    }

    /** Shows in the status which file is active, after another instance has applied one. */
    private synchronized void followOthers() {
        boolean isActive = target.files().isActive(fingerprint);
        if (!fingerprint.isEmpty() && isActive == (status.state() == ConfigStatus.State.OTHER)) {
            show(List.of(), status.warnings());
        }
    }

    private void show(List<Fault> faults, List<Fault> warnings) {
        Instant at = Instant.ofEpochMilli(target.files().at());
        ConfigStatus.State state = !target.files().isActive(fingerprint)
                ? ConfigStatus.State.OTHER
                : faults.isEmpty() ? ConfigStatus.State.CURRENT : ConfigStatus.State.PARTLY;
        status = status(state, clock.instant(), at, faults, warnings);
        if (state == ConfigStatus.State.OTHER) {
            LOG.warn("config.not-active: {}", status.summary());
        }
        faults.forEach(fault -> LOG.error("config.faulty {}: {}", resource(), fault));
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
            if (status.state() == ConfigStatus.State.PARTLY && target.isRepaired()) {
                check(now);
            }
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
        fingerprint = "";
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
            apply(reader.read(content, resolved), content);
        } finally {
            FileSnapshot after = poll(null);
            checked = after.isOf(content) ? after : null;
        }
    }

    private void apply(ConfigParser.Good good, byte[] content) {
        String read = AppliedFiles.fingerprint(content, resolved.answers());
        List<Fault> faults = target.apply(good, read, isForced);
        isForced = false;
        fingerprint = read;
        show(faults, good.warnings());
        if (status.state() != ConfigStatus.State.OTHER) {
            LOG.info("config.active {}: {}", resource(), good.config());
            good.warnings().forEach(warning -> LOG.warn("config.warning {}: {}", resource(), warning));
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
        status = status(state, since, Instant.ofEpochMilli(target.files().at()), faults, before.warnings());
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
