package io.engagementwebhooks.operate;

import io.engagementwebhooks.console.RouteFaults;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the route files and the user's Kamelets (semantics 37). A set that was seen twice in a row is checked whole in a
 * scratch context, and only a good one is taken up; with any fault the set before runs on untouched, and
 * {@link #status()} says why. {@link #status()} may be called by any thread.
 */
final class RouteFollower implements AutoCloseable {

    /** How often the product looks: a save is taken up within two of these and the time of the check. */
    static final Duration INTERVAL = Duration.ofMillis(300);

    /** The latest is longer than any attempt. */
    static final FormerEnds FORMER_ENDS = new FormerEnds(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private static final Logger LOG = LoggerFactory.getLogger(RouteFollower.class);

    /** What cannot be exchanged while it runs. */
    private static final Set<String> AT_START_ONLY =
            Set.of("rest", "routeTemplate", "templatedRoute", "routeConfiguration");

    private static final String RESTART = "cannot be exchanged while the product runs; restart it to take this file up";

    private static final String STOOD_HERE =
            "stood here and runs on as long as the product does; restart it to be without, or put it back";

    private final RouteFiles files;
    private final Settings settings;
    private final RouteSwap swap;
    private final Duration interval;
    private final FormerEnds formerEnds;
    private final Clock clock;
    private final ScheduledExecutorService follower =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "route-files"));

    private final Queue<RouteSwap.Former> formers = new ConcurrentLinkedQueue<>();

    private RouteSet running;
    private Look judged;
    private Look pending;
    private volatile Status status;

    /**
     * How the routes stand to their files.
     *
     * @param since when it became so
     * @param routes the ids of what runs, or would if nobody had stopped it
     * @param faults why what the files say now does not run; empty: it does
     */
    record Status(Instant since, Set<String> routes, List<String> faults) {
        boolean isUpToDate() {
            return faults.isEmpty();
        }

        /** As the API tells it. */
        RouteFaults.State told() {
            return new RouteFaults.State(since, faults);
        }
    }

    /**
     * When the steps of a former set stop.
     *
     * @param earliest after the swap, where nothing is in flight there then: long enough for whoever was just stepping in
     * @param latest after the swap, whatever is in flight
     */
    record FormerEnds(Duration earliest, Duration latest) {}

    /** What one look saw: a set, or why there was none. */
    private record Look(RouteSet set, String fault) {}

    /**
     * @param running the files as they were when the routes were started
     * @param interval between two looks
     */
    RouteFollower(
            RouteFiles files,
            RouteSet running,
            Settings settings,
            RouteSwap swap,
            Duration interval,
            FormerEnds formerEnds,
            Clock clock) {
        this.files = files;
        this.settings = settings;
        this.swap = swap;
        this.interval = interval;
        this.formerEnds = formerEnds;
        this.clock = clock;
        this.running = running;
        this.judged = new Look(running, null);
        this.status = new Status(clock.instant(), Set.of(), List.of());
    }

    /** Begins to look. */
    void start() {
        status = new Status(clock.instant(), swap.included(running), List.of());
        follower.scheduleWithFixedDelay(
                this::lookAndGoOn, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    Status status() {
        return status;
    }

    /** Whatever goes wrong in one look, there is a next one. */
    private void lookAndGoOn() {
        try {
            look();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: looking at it failed; the routes run on", files, e);
        }
    }

    private void look() {
        Look now = seen();
        if (now.equals(judged)) {
            pending = null;
        } else if (now.equals(pending)) {
            pending = null;
            judged = now;
            judge(now);
        } else {
            pending = now;
        }
    }

    private Look seen() {
        try {
            return new Look(files.read(), null);
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Look(null, files + " cannot be read: " + cause);
        }
    }

    private void judge(Look look) {
        if (look.set() == null) {
            report(List.of(look.fault()));
            return;
        }
        List<String> faults = RouteCheck.faults(look.set(), files.toString(), settings);
        if (faults.isEmpty()) {
            faults = atStartOnly(look.set());
        }
        if (faults.isEmpty()) {
            takeUp(look.set());
        } else {
            report(faults);
        }
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

    /** By its location, what a file that the other set has not so holds beside routes and can be taken up at a start only. */
    private static Map<String, Set<String>> atStartOnly(RouteSet set, RouteSet other) {
        Map<String, Set<String>> kinds = new LinkedHashMap<>();
        set.files().stream()
                .filter(file -> !other.files().contains(file))
                .forEach(file -> kinds.put(file.location(), kinds(file)));
        return kinds;
    }

    private static Set<String> kinds(RouteSet.Text file) {
        return file.items().stream()
                .filter(Map.class::isInstance)
                .map(Map.class::cast)
                .flatMap(item -> {
                    Object kind = item.get("kind");
                    return kind == null ? AT_START_ONLY.stream().filter(item::containsKey) : Stream.of(kind.toString());
                })
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String place(RouteSet.Text file, String kind) {
        return AT_START_ONLY.contains(kind) ? file.place(kind, null) : file.place("kind", kind);
    }

    private void takeUp(RouteSet next) {
        try {
            RouteSwap.Done done = swap.swap(running, next);
            running = next;
            status = new Status(clock.instant(), swap.included(next), List.of());
            stopLater(done.former());
            if (done.isNothing()) {
                LOG.info("{}: saved, no route differs", files);
            } else {
                LOG.info(
                        "{}: taken up; replaced {}, added {}, removed {}",
                        files,
                        done.replaced(),
                        done.added(),
                        done.removed());
            }
        } catch (Exception e) {
            LOG.error("{}: it is good but could not be taken up; what ran before runs again", files, e);
            report(List.of(files + " could not be taken up: " + e.getMessage() + "; save it again to try again"));
        }
    }

    private void stopLater(RouteSwap.Former former) {
        if (former.isNothing()) {
            return;
        }
        formers.add(former);
        in(formerEnds.earliest(), () -> stopWhenDrained(former));
        in(formerEnds.latest(), () -> stop(former));
    }

    private void stopWhenDrained(RouteSwap.Former former) {
        if (former.isDrained()) {
            stop(former);
        } else if (formers.contains(former)) {
            in(interval, () -> stopWhenDrained(former));
        }
    }

    private void stop(RouteSwap.Former former) {
        if (formers.remove(former)) {
            former.stop();
        }
    }

    private void in(Duration time, Runnable task) {
        follower.schedule(task, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void report(List<String> faults) {
        status = new Status(clock.instant(), status.routes(), faults);
        LOG.error(
                "{}: what ran before runs on; {}:", files, faults.size() == 1 ? "1 fault" : faults.size() + " faults");
        faults.forEach(fault -> LOG.error("{}: {}", files, fault));
    }

    /** After the routes have stopped. */
    @Override
    public void close() {
        follower.shutdownNow();
        formers.forEach(RouteSwap.Former::stop);
    }
}
