package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.api.RouteFaults;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.operate.settings.CamelSettingsBinder;
import io.engagementwebhooks.operate.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls the route files and the user's Kamelets (semantics 37). Checks a set that two polls read unchanged in a scratch
 * context, and activates it if it has no fault. Otherwise the previous set stays active, and {@link #status()} has the
 * faults. {@link #check()} and {@link #status()} are thread-safe.
 */
public final class RouteFollower implements AutoCloseable {

    /** Interval of polls: a save becomes active within two intervals plus the time of the check. */
    public static final Duration INTERVAL = Duration.ofMillis(300);

    /** How long replaced steps stay for exchanges in flight: longer than any attempt. */
    public static final Duration FORMER_ENDS = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(RouteFollower.class);

    /** The longest delay before a failed activation is retried. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /**
     * Definitions that can be activated only at a start. Unchanged ones do not prevent a swap of routes in the same
     * file.
     */
    private static final Set<String> AT_START_ONLY = Set.of(
            "rest",
            "routeTemplate",
            "templatedRoute",
            "routeConfiguration",
            "beans",
            "dataFormats",
            "restConfiguration");

    private static final String KIND = "kind";
    private static final String RESTART = "cannot be exchanged while the product runs; restart it to take this file up";

    private static final String STOOD_HERE =
            "stood here and runs on as long as the product does; restart it to be without, or put it back";

    private final Settings settings;
    private final RouteSwap swap;
    private final OwnDestinations destinations;
    private final Duration interval;
    private final Duration formerEnds;
    private final Clock clock;
    private final Background follower = new Background("route-files");
    private final Queue<RouteSwap.Former> formers = new ConcurrentLinkedQueue<>();

    private final Snapshot started;
    private RouteFiles files;
    private RouteSet running;
    private Snapshot checked;
    private Snapshot pending;
    private volatile Status status;

    /**
     * The relation of the routes to their files.
     *
     * @param since the start of this state
     * @param routes the ids of active routes, including those that an operator stopped
     * @param faults of the files, which then are not active unless they had these at the start
     */
    public record Status(Instant since, Set<String> routes, List<String> faults) {
        public boolean isUpToDate() {
            return faults.isEmpty();
        }

        /** The state as the API shows it. */
        public RouteFaults.State state() {
            return new RouteFaults.State(since, faults);
        }
    }

    /** The result of a poll: a set, or a fault. */
    private record Snapshot(RouteFiles files, RouteSet set, String fault) {}

    /**
     * @param running the files as they were when the routes were started
     * @param interval of polls
     */
    public RouteFollower(
            RouteFiles files,
            RouteSet running,
            Settings settings,
            RouteSwap swap,
            OwnDestinations destinations,
            Duration interval,
            Duration formerEnds,
            Clock clock) {
        this.files = files;
        this.settings = settings;
        this.swap = swap;
        this.destinations = destinations;
        this.interval = interval;
        this.formerEnds = formerEnds;
        this.clock = clock;
        this.running = running;
        this.started = new Snapshot(files, running, null);
        this.checked = started;
        this.status = new Status(clock.instant(), Set.of(), List.of());
    }

    /** Starts polling. */
    public void start() {
        try {
            status = new Status(clock.instant(), swap.included(running), List.of());
        } finally {
            follower.every(interval, this::check);
        }
    }

    /** The current status of the files. */
    public Status status() {
        return status;
    }

    /** As {@link #status()}, with the faults of webhooks' destinations, which do not keep the files from being active. */
    public Status statusWithDestinations() {
        Status ofFiles = status;
        List<String> faults = new ArrayList<>(ofFiles.faults());
        faults.addAll(destinations.faults());
        return new Status(ofFiles.since(), ofFiles.routes(), List.copyOf(faults));
    }

    /** Checks the files of a start, which runs what Camel takes. It takes seconds, and no poll waits for it. */
    public void checkStarted() {
        List<String> faults = follower.isClosed() ? List.of() : faultsOfStart();
        synchronized (this) {
            if (checked == started && !faults.isEmpty()) {
                status = new Status(clock.instant(), status.routes(), faults);
                log(
                        "routes.started-with-faults files={}: they run, and a change of them becomes active without faults only; {}:",
                        started.files(),
                        faults);
            }
        }
    }

    /** The jar's files have no faults and are not checked. */
    private List<String> faultsOfStart() {
        try {
            return started.files().areTheJars() && started.set().kamelets().isEmpty()
                    ? CamelSettingsBinder.ofMain(swap.context(), settings)
                    : RouteCheck.faults(started.set(), started.files().toString(), settings);
        } catch (RuntimeException e) {
            // a stop ends what is checked
            return follower.isClosed() ? List.of() : notJudged(started.files(), e);
        }
    }

    private static List<String> notJudged(RouteFiles files, RuntimeException failure) {
        LOG.error("routes.check-failed files={}", files, failure);
        return List.of(files + " cannot be judged: " + failure);
    }

    /** Polls once, now, unless stopped. */
    public synchronized void check() {
        Snapshot now = follower.isClosed() ? null : poll();
        if (now == null) {
            return;
        }
        if (now.equals(checked)) {
            pending = null;
        } else if (now.equals(pending)) {
            pending = null;
            checked = now;
            try {
                checkSet(now);
            } catch (RuntimeException e) {
                report(now, notJudged(now.files(), e));
            }
        } else {
            pending = now;
        }
    }

    /** The current files, or null if they could not be read for another reason than the files. */
    private Snapshot poll() {
        RouteFiles now = files.now();
        try {
            return new Snapshot(now, now.read(), null);
        } catch (RuntimeException e) {
            if (FileDescriptors.OF_PROCESS.ranOut("reading the route files", e)) {
                return null;
            }
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Snapshot(now, null, now + " cannot be read: " + cause);
        }
    }

    private void checkSet(Snapshot snapshot) {
        if (snapshot.set() == null) {
            report(snapshot, List.of(snapshot.fault()));
            return;
        }
        List<String> faults = RouteCheck.faults(snapshot.set(), snapshot.files().toString(), settings);
        if (faults.isEmpty()) {
            faults = atStartOnly(snapshot.set());
        }
        if (faults.isEmpty() && files.areTheJars()) {
            faults = missingRoutes(snapshot);
        }
        if (faults.isEmpty()) {
            activate(snapshot, 0);
        } else {
            report(snapshot, faults);
        }
    }

    /** Routes of the jar that a new folder lacks: it may be half copied, or meant as an addition. */
    private List<String> missingRoutes(Snapshot snapshot) {
        Set<String> missing = new TreeSet<>(running.routes().keySet());
        missing.removeAll(snapshot.set().routes().keySet());
        return missing.isEmpty()
                ? List.of()
                : List.of(snapshot.files() + " takes the place of the jar's own routes, and has none of these: "
                        + String.join(", ", missing)
                        + "; write them there by --print-defaults, or restart to run without them");
    }

    private List<String> atStartOnly(RouteSet next) {
        List<String> faults = new ArrayList<>();
        Map<String, Set<String>> came = atStartOnly(next, running);
        came.forEach((location, kinds) ->
                kinds.forEach(kind -> faults.add(place(next.file(location), kind) + ": '" + kind + "' " + RESTART)));
        atStartOnly(running, next).forEach((location, kinds) -> kinds.stream()
                .filter(kind -> !came.getOrDefault(location, Set.of()).contains(kind))
                .forEach(kind -> faults.add(running.file(location) + ": '" + kind + "' " + STOOD_HERE)));
        Set<String> kamelets = next.kameletsChangedSince(running);
        Map<String, RouteSet.Item> routes = next.routes();
        running.routes().forEach((id, item) -> {
            if (item.isFromKamelet() && (!item.equals(routes.get(id)) || item.uses(kamelets))) {
                RouteSet holder = routes.containsKey(id) ? next : running;
                String location = holder.routes().get(id).location();
                faults.add(holder.file(location).place("id", id) + ": route '" + id + "' is from a Kamelet, and "
                        + RESTART);
            }
        });
        return faults;
    }

    /** Changed definitions beside routes, by file, which become active only at a start. */
    private static Map<String, Set<String>> atStartOnly(RouteSet set, RouteSet other) {
        Set<Object> there = new HashSet<>();
        other.files().forEach(file -> there.addAll(file.items()));
        Map<String, Set<String>> kinds = new LinkedHashMap<>();
        set.files().stream()
                .filter(file -> !other.files().contains(file))
                .forEach(file -> kinds.put(file.location(), atStartOnly(file, there)));
        return kinds;
    }

    private static Set<String> atStartOnly(RouteSet.Text file, Set<Object> there) {
        Set<String> kinds = new TreeSet<>();
        for (Object item : file.items()) {
            if (item instanceof Map<?, ?> map) {
                if (map.containsKey(KIND)) {
                    kinds.add(String.valueOf(map.get(KIND)));
                }
                AT_START_ONLY.stream()
                        .filter(map::containsKey)
                        .filter(kind -> !there.contains(map))
                        .forEach(kinds::add);
            }
        }
        return kinds;
    }

    private static String place(RouteSet.Text file, String kind) {
        return AT_START_ONLY.contains(kind) ? file.place(kind, null) : file.place(KIND, kind);
    }

    /** @param failures number of failed attempts so far */
    private void activate(Snapshot snapshot, int failures) {
        RouteSet next = snapshot.set();
        try {
            RouteSwap.Done done = swap.swap(running, next);
            running = next;
            files = snapshot.files();
            status = new Status(clock.instant(), swap.included(next), List.of());
            destinations.warn();
            stopLater(done.former());
            if (done.isNothing()) {
                LOG.info("routes.unchanged files={}", files);
            } else {
                LOG.info(
                        "routes.active files={}: replaced {}, added {}, removed {}",
                        files,
                        done.replaced(),
                        done.added(),
                        done.removed());
            }
        } catch (Exception e) {
            if (e instanceof RouteSwap.NotActivated notActivated) {
                stopLater(notActivated.former());
            }
            logFailure(snapshot, failures, e);
            follower.after(waitAfter(failures), () -> retry(snapshot, failures + 1));
        }
    }

    private void logFailure(Snapshot snapshot, int failures, Exception failure) {
        if (failures == 0) {
            LOG.error("routes.not-activated files={}: the previous routes run again", snapshot.files(), failure);
        }
        List<String> faults = List.of(snapshot.files() + " could not be activated: " + failure.getMessage()
                + "; this is tried again by itself, at least once a minute");
        if (!faults.equals(status.faults())) {
            report(snapshot, faults);
        }
    }

    private Duration waitAfter(int failures) {
        Duration wait = interval.multipliedBy(1L << Math.min(failures + 1, 10));
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    }

    /** Retries the activation, unless the files have changed since. */
    private synchronized void retry(Snapshot snapshot, int failures) {
        if (checked == snapshot) {
            activate(snapshot, failures);
        }
    }

    private void stopLater(RouteSwap.Former former) {
        if (!former.isNothing()) {
            formers.add(former);
            follower.after(formerEnds, () -> stop(former));
        }
    }

    private synchronized void stop(RouteSwap.Former former) {
        if (formers.remove(former)) {
            former.stop();
        }
    }

    private void report(Snapshot snapshot, List<String> faults) {
        status = new Status(clock.instant(), status.routes(), faults);
        log("routes.not-activated files={}: the previous routes keep running; {}:", snapshot.files(), faults);
    }

    private static void log(String message, RouteFiles files, List<String> faults) {
        LOG.error(message, files, faults.size() == 1 ? "1 fault" : faults.size() + " faults");
        faults.forEach(fault -> LOG.error("routes.faulty files={}: {}", files, fault));
    }

    /**
     * Waits for an activation in progress, and stops polling: Camel's stop would fail if routes were added or removed
     * during it.
     */
    public synchronized void stop() {
        follower.close();
    }

    /** Call after the routes have stopped. */
    @Override
    public void close() {
        stop();
        formers.forEach(RouteSwap.Former::stop);
    }
}
