package io.engagementwebhooks.webhook.setup;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.webhook.SetUp;
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
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the set-up file at start and follows it. A changed file is read whole once two looks in a row saw the same, so a
 * save under way is not mistaken for a short file. A good one is handed to the listeners and then becomes
 * {@link #current()}; a broken or vanished one changes nothing but the {@link #status()}. The last good one is kept, sealed,
 * for a restart on a broken file. Where several processes keep it in one place, {@link Agreement} says whose file holds.
 *
 * <p>The content is compared, not time stamps, so links that are switched and saves by renaming are seen.
 *
 * <p>{@link #current()} and {@link #status()} may be called by any thread.
 */
public final class SetUpFile implements AutoCloseable {

    /** How often to look: a save is taken up within two of these. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(SetUpFile.class);

    private final Source source;
    private final SetUpReader reader;
    private final LastGoodSetUp lastGood;
    private final Vault vault;
    private final Clock clock;
    private final List<Consumer<SetUp>> listeners = new CopyOnWriteArrayList<>();

    private volatile SetUp current = SetUp.empty();
    private volatile SetUpStatus status;
    private Asked asked;
    private FileLook judged;
    private FileLook pending;
    private KeptSetUp unsaved;
    private final Optional<Agreement> agreement;
    private long generation;
    private ScheduledThreadPoolExecutor follower;

    /**
     * Where the set-up comes from.
     *
     * @param file the set-up file
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
    public SetUpFile(Source source, SetUpReader reader, LastGoodSetUp lastGood, Vault vault, Clock clock) {
        this.source = Objects.requireNonNull(source);
        this.reader = Objects.requireNonNull(reader);
        this.lastGood = Objects.requireNonNull(lastGood);
        this.vault = Objects.requireNonNull(vault);
        this.clock = Objects.requireNonNull(clock);
        this.agreement = lastGood.sharing().map(sharing -> new Agreement(lastGood, sharing, vault, System::nanoTime));
        this.asked = new Asked(source.placeholders());
        Instant now = clock.instant();
        this.status = new SetUpStatus(source.file(), SetUpStatus.State.NONE, now, now, List.of(), List.of());
    }

    /**
     * Who is told of each set-up that is taken up, the first included if registered before {@link #start()}. One after the
     * other, by one thread, before it becomes current. A listener that fails keeps the set-up from being taken up; it is
     * tried again, so listeners may see the same one twice.
     */
    public void onChange(Consumer<SetUp> listener) {
        listeners.add(listener);
    }

    /** What is set up now. */
    public SetUp current() {
        return current;
    }

    public SetUpStatus status() {
        return status;
    }

    /**
     * Loads the file. If it has faults, what was good before runs, loudly; so it does if a file that was not named is gone.
     *
     * @return what is set up
     * @throws SetUpFaults if the file was named and is not there, or has faults and none was good before
     */
    public synchronized SetUp start() throws SetUpFaults {
        FileLook look = look(null);
        if (look.isGone()) {
            startWithoutFile();
            judged = look;
            return current;
        }
        try {
            judge(contentOf());
        } catch (SetUpFaults broken) {
            startOnLastGood(SetUpStatus.State.BROKEN, broken);
        }
        return current;
    }

    private void startWithoutFile() throws SetUpFaults {
        SetUpFaults missing = new SetUpFaults(List.of(new Fault(
                0,
                thing(),
                "does not exist",
                "create it, or name another by webhooks.config; accounts: [] sets up nothing")));
        if (source.named()) {
            throw missing;
        }
        if (lastGood.load().isPresent()) {
            startOnLastGood(SetUpStatus.State.GONE, missing);
            return;
        }
        tell(SetUp.empty());
        LOG.info(
                "no set-up file: {} does not exist and webhooks.config names none; nothing is set up by file until it is there",
                source.file());
    }

    private void startOnLastGood(SetUpStatus.State state, SetUpFaults broken) throws SetUpFaults {
        Optional<byte[]> sealed = lastGood.load();
        if (sealed.isEmpty()) {
            throw broken;
        }
        try {
            SharedSetUp shared = SharedSetUp.of(vault.unseal(sealed.get()));
            KeptSetUp kept = shared.setUp();
            SetUpReader.Good good = reader.readKept(kept.file(), kept.placeholders());
            tell(good.setUp());
            generation = shared.generation();
            status = status(SetUpStatus.State.CURRENT, kept.readAt(), kept.readAt(), List.of(), good.warnings());
            report(state, broken.faults());
        } catch (VaultFault | IOException | SetUpFaults e) {
            List<Fault> all = new ArrayList<>(broken.faults());
            all.add(new Fault(
                    0, "the last good set-up", "cannot be used either: " + e.getMessage(), "repair " + source.file()));
            throw new SetUpFaults(all);
        }
    }

    /** Starts to look at the file every {@link #INTERVAL}, by one thread of its own. */
    public synchronized void follow() {
        follow(INTERVAL);
    }

    synchronized void follow(Duration interval) {
        follower = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "set-up-file");
            thread.setDaemon(true);
            return thread;
        });
        follower.scheduleWithFixedDelay(
                this::lookAndGoOn, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whatever goes wrong in one look, there is a next one. */
    private void lookAndGoOn() {
        try {
            look();
            lookAtOthers();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            LOG.error("{}: looking at it failed; what ran before goes on", thing(), e);
        }
    }

    /** Takes up what holds for all, where processes share their set-up and another one has changed it. */
    public synchronized void followOthers() {
        agreement.flatMap(all -> all.otherThan(generation)).ifPresent(this::takeUpShared);
    }

    private void lookAtOthers() {
        try {
            followOthers();
            agreement.flatMap(all -> all.takenBack(generation)).ifPresent(this::takeUpShared);
        } catch (RuntimeException e) {
            LOG.debug("{}: what others set up cannot be seen now", thing(), e);
        }
    }

    /** What another process found good may have faults here: it may be of another version. */
    private void takeUpShared(Agreement.Held held) {
        KeptSetUp kept = held.shared().setUp();
        try {
            SetUpReader.Good good = reader.readKept(kept.file(), kept.placeholders());
            tell(good.setUp());
            generation = held.shared().generation();
            LOG.info("{}: {} set up by the file of another instance", thing(), good.setUp());
            tellOfOthers(held, good);
        } catch (SetUpFaults e) {
            generation = held.shared().generation();
            report(SetUpStatus.State.BROKEN, e.faults());
        }
    }

    private void tellOfOthers(Agreement.Held held, SetUpReader.Good good) {
        Instant now = clock.instant();
        Instant readAt = held.shared().setUp().readAt();
        SetUpStatus before = status;
        boolean isJudged = before.state() == SetUpStatus.State.CURRENT || before.state() == SetUpStatus.State.OTHER;
        if (held.isOurs()) {
            status = status(SetUpStatus.State.CURRENT, now, readAt, List.of(), good.warnings());
        } else if (isJudged) {
            status = status(SetUpStatus.State.OTHER, now, readAt, List.of(), good.warnings());
            LOG.warn(status.summary());
        } else {
            status = status(before.state(), before.since(), readAt, before.faults(), good.warnings());
        }
    }

    /** One look: what was seen twice in a row, and is not what was judged last, is judged. */
    synchronized void look() {
        FileLook now;
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

    /** Reads the file, and what it names, now and whether it has changed or not; {@link #status()} tells how it went. */
    public synchronized void reread() {
        pending = null;
        judge(look(null));
    }

    private FileLook look(FileLook before) {
        return FileLook.at(source.file(), asked.files(), source.placeholders(), before);
    }

    private void judge(FileLook look) {
        judged = look;
        try {
            if (look.isGone()) {
                report(SetUpStatus.State.GONE, List.of(new Fault(0, thing(), "is gone", "put it back")));
            } else {
                judge(contentOf());
            }
        } catch (SetUpFaults broken) {
            report(SetUpStatus.State.BROKEN, broken.faults());
        } catch (FileDescriptors.NoneLeftException e) {
            // says nothing about the file
            judged = null;
        } catch (RuntimeException e) {
            judged = null;
            LOG.error(
                    "{}: it is good but could not be taken up; what ran before goes on, it is tried again", thing(), e);
            report(
                    SetUpStatus.State.BROKEN,
                    List.of(new Fault(0, thing(), "could not be taken up", "the log says why; it is tried again")));
        }
    }

    private void judge(byte[] content) throws SetUpFaults {
        asked = new Asked(source.placeholders());
        try {
            takeUp(reader.read(content, asked), content);
        } finally {
            FileLook after = look(null);
            judged = after.isOf(content) ? after : null;
        }
    }

    private void takeUp(SetUpReader.Good good, byte[] content) {
        Instant now = clock.instant();
        KeptSetUp read = new KeptSetUp(now, content, asked.answers());
        Optional<Agreement.Held> held = agreement.map(all -> all.offer(read));
        if (held.isPresent() && !held.get().isOurs()) {
            status = status(SetUpStatus.State.OTHER, now, now, List.of(), List.of());
            takeUpShared(held.get());
            return;
        }
        tell(good.setUp());
        status = status(SetUpStatus.State.CURRENT, now, now, List.of(), good.warnings());
        LOG.info("{}: {} set up", thing(), good.setUp());
        good.warnings().forEach(warning -> LOG.warn("{}: {}", thing(), warning));
        if (held.isPresent()) {
            generation = held.get().shared().generation();
        } else {
            unsaved = read;
            save();
        }
    }

    private void tell(SetUp setUp) {
        listeners.forEach(listener -> listener.accept(setUp));
        current = setUp;
    }

    private void save() {
        if (unsaved == null) {
            return;
        }
        try {
            lastGood.save(vault.seal(unsaved.toBytes()));
            unsaved = null;
        } catch (RuntimeException e) {
            LOG.warn("{}: it runs, but could not be kept for a restart; it is tried again", thing(), e);
        }
    }

    private byte[] contentOf() throws SetUpFaults {
        try {
            return YamlText.read(source.file());
        } catch (IOException e) {
            FileDescriptors.OF_PROCESS.check("reading " + source.file(), e);
            throw new SetUpFaults(
                    List.of(new Fault(0, thing(), "cannot be read", "it must be a file that this process may read")));
        }
    }

    private void report(SetUpStatus.State state, List<Fault> faults) {
        SetUpStatus before = status;
        if (before.state() == state && before.faults().equals(faults)) {
            return;
        }
        Instant since = before.state() == state ? before.since() : clock.instant();
        status = status(state, since, before.runsSince(), faults, before.warnings());
        String told = "what was set up before goes on; " + new SetUpFaults(faults).getMessage();
        told.lines().forEach(line -> LOG.error("{}: {}", thing(), line));
    }

    private SetUpStatus status(
            SetUpStatus.State state, Instant since, Instant runsSince, List<Fault> faults, List<Fault> warnings) {
        return new SetUpStatus(source.file(), state, since, runsSince, faults, warnings);
    }

    private String thing() {
        return "set-up file " + source.file();
    }

    /** Stops following; what is set up stays. */
    @Override
    public synchronized void close() {
        if (follower != null) {
            follower.shutdown();
        }
    }
}
