package io.engagementwebhooks.deliver.kamelet;

import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;

/**
 * The running Kamelets, one for all deliveries with the same name and properties. Those that nothing uses end after 10
 * minutes, and earlier if more than {@value #MOST} would run. One that holds a delivery beyond its time is replaced, and
 * ends when only such deliveries are left. Thread-safe.
 */
final class KameletInstances implements AutoCloseable {

    /** The most that run, unless more are in use. */
    static final int MOST = 100;

    private static final Duration IDLE = Duration.ofMinutes(10);

    /** For an interrupt to take effect. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Map<Key, KameletInstance> running = new ConcurrentHashMap<>();
    /** Out of use, and not stopped yet. */
    private final Queue<KameletInstance> ending = new ConcurrentLinkedQueue<>();

    private final LongSupplier nanoTime;
    private final Function<Supplier<CamelContext>, CamelContext> quietly;

    /** Deliveries with the same key share an instance. */
    private record Key(String name, Map<String, Secret> properties) {}

    /** @param quietly runs the start of a Kamelet without log lines, which hold the values of options */
    KameletInstances(LongSupplier nanoTime, Function<Supplier<CamelContext>, CamelContext> quietly) {
        this.nanoTime = nanoTime;
        this.quietly = quietly;
    }

    /**
     * Uses the instance of a target.
     *
     * @param timeout after which the caller's thread is interrupted
     * @throws KameletFault if the Kamelet cannot start
     */
    <T> T use(Target.Kamelet target, Kamelets.Allowed allowed, Duration timeout, Function<KameletInstance, T> use) {
        long limit = nanoTime.getAsLong() + timeout.plus(GRACE).toNanos();
        KameletInstance instance = running.compute(new Key(target.name(), target.properties()), (key, known) -> {
            KameletInstance used = known == null ? new KameletInstance(target.name(), quietly) : known;
            used.acquire(limit);
            return used;
        });
        try {
            if (running.size() > MOST) {
                longestIdle().ifPresent(this::end);
            }
            start(instance, target, allowed);
            return use.apply(instance);
        } finally {
            instance.release(limit, nanoTime.getAsLong());
        }
    }

    private static void start(KameletInstance instance, Target.Kamelet target, Kamelets.Allowed allowed) {
        try {
            instance.start(allowed.definition(), allowed.values(target.properties()));
        } catch (Exception e) {
            throw new KameletFault(target.name(), allowed.redactor(target.properties()), e, true);
        }
    }

    private Optional<Key> longestIdle() {
        return running.entrySet().stream()
                .filter(each -> !each.getValue().isUsed())
                .min(Comparator.comparingLong(each -> each.getValue().lastUsed()))
                .map(Map.Entry::getKey);
    }

    /** Stops instances that are idle or hang. It may block; call it once a second. */
    void stopUnused() {
        long now = nanoTime.getAsLong();
        running.forEach((key, instance) -> {
            if (!instance.isUsed() && now - instance.lastUsed() > IDLE.toNanos()) {
                end(key);
            } else if (instance.hangs(now) && running.remove(key, instance)) {
                ending.add(instance);
            }
        });
        ending.removeIf(instance -> instance.isOfNoUse(now) && instance.stop());
    }

    /** Takes an instance out of use, unless it is used again; {@link #stopUnused} stops it. */
    private void end(Key key) {
        running.computeIfPresent(key, (same, instance) -> {
            if (instance.isUsed()) {
                return instance;
            }
            ending.add(instance);
            return null;
        });
    }

    int running() {
        return running.size();
    }

    @Override
    public void close() {
        Stream.concat(running.values().stream(), ending.stream()).forEach(KameletInstance::stop);
        running.clear();
        ending.clear();
    }
}
