package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.SharedBudget;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the addresses of host names, for accounts that must not delay each other. One lookup ends within
 * {@value #LONGEST_SECONDS} s; no thread waits for it.
 *
 * <p>Answers are kept for as long as they hold, 1 to 30 s, and serve every account, since names are public; a name that does
 * not exist, or leads to an address that may not be called, is kept for 5 s. Lookups are joined for one account and name. A name that could not be looked up is left alone
 * for this account for 2 s, doubling to 1 min. The callers that wait are bounded, and so are the lookups that run, by
 * account and in all.
 *
 * <p>A name that does not exist is an {@link UnknownHostException}, which is the receiver's. Everything else, a name that was
 * not resolved in time included, is a {@link NothingSentException}. Thread-safe.
 */
public final class NameResolver implements AutoCloseable {

    static final int LONGEST_SECONDS = 5;

    /** The longest that a lookup takes. */
    static final Duration LONGEST = Duration.ofSeconds(LONGEST_SECONDS);

    private static final Logger LOG = LoggerFactory.getLogger(NameResolver.class);

    private static final Duration SHORTEST_KEPT = Duration.ofSeconds(1);
    private static final Duration LONGEST_KEPT = Duration.ofSeconds(30);
    private static final Duration NOT_FOUND_KEPT = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration OVER_LIMIT_RETRY = Duration.ofSeconds(1);
    private static final int CALLERS = 4096;
    private static final int CALLERS_OF_ONE = 1024;

    /** Names for which an end in memory is looked for when another is added. */
    private static final int MANY = 1000;

    private final NameService service;
    private final Predicate<InetAddress> hidden;
    private final Clock clock;
    private final LookupQueue queue;
    private final SharedBudget callers = new SharedBudget(CALLERS, CALLERS_OF_ONE);
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<Key, CompletableFuture<List<InetAddress>>> pending = new ConcurrentHashMap<>();
    private final Map<Key, Pause> pauses = new ConcurrentHashMap<>();
    private volatile Instant sweep = Instant.MIN;

    private record Key(String account, String name) {}

    /** @param result completed: the addresses, or that there are none */
    private record Answer(CompletableFuture<List<InetAddress>> result, Instant until) {}

    private record Pause(String reason, Duration length, Instant until) {}

    NameResolver(NameService service, Clock clock) {
        this(service, address -> false, clock);
    }

    /** @param hidden addresses of which a customer may not learn: such a name is kept as one that does not exist */
    NameResolver(NameService service, Predicate<InetAddress> hidden, Clock clock) {
        this.service = service;
        this.hidden = hidden;
        this.clock = clock;
        this.queue = new LookupQueue(service.limits());
    }

    /** One that asks as the operator says. @param rules for the addresses that are found */
    public static NameResolver of(ResolverSettings settings, EgressRules rules, Clock clock) {
        return new NameResolver(
                settings.service(), address -> rules.refusal(address).isPresent(), clock);
    }

    /**
     * Looks a name up. The future may be completed by a thread that must not be held up.
     *
     * @param account whose lookup it is; {@link OutgoingRequest#OPERATOR}: the operator's
     * @param host a name in any case, no literal address
     * @return fails with {@link UnknownHostException} or {@link NothingSentException}, maybe inside a
     *     {@link CompletionException}, after {@value #LONGEST_SECONDS} s at the latest
     */
    public CompletableFuture<List<InetAddress>> resolve(String account, String host) {
        Key key = new Key(account, host.toLowerCase(Locale.ROOT));
        Instant now = clock.instant();
        Answer known = answers.get(key.name());
        if (known != null && now.isBefore(known.until())) {
            return known.result();
        }
        Pause pause = pauses.get(key);
        if (pause != null && now.isBefore(pause.until())) {
            return CompletableFuture.failedFuture(new NothingSentException(pause.reason(), pause.until()));
        }
        SharedBudget.Share share = callers.of(account);
        if (!share.tryAcquire(1)) {
            return CompletableFuture.failedFuture(new NothingSentException(
                    "Not sent: too many host names of this account are being resolved", now.plus(OVER_LIMIT_RETRY)));
        }
        CompletableFuture<List<InetAddress>> joined = join(key);
        joined.whenComplete((addresses, failure) -> share.release(1));
        return joined;
    }

    /**
     * As above, waiting for it.
     *
     * @param nanos how long the caller waits at most
     * @throws UnknownHostException if there is no such name
     * @throws NothingSentException if it could not be looked up, or not in time
     */
    List<InetAddress> await(String account, String host, long nanos) throws UnknownHostException {
        CompletableFuture<List<InetAddress>> result = resolve(account, host);
        try {
            return result.get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw thrown(host, e.getCause());
        } catch (TimeoutException e) {
            throw notInTime(host, clock.instant());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notInTime(host, clock.instant());
        }
    }

    /** Each caller has another trace. */
    private NothingSentException thrown(String host, Throwable failure) throws UnknownHostException {
        if (failure instanceof NothingSentException nothing) {
            return nothing;
        }
        throw new UnknownHostException(host);
    }

    /** That a caller's own time was over first. */
    static NothingSentException notInTime(String host, Instant now) {
        return new NothingSentException(notInTime(host), now.plus(LONGEST));
    }

    private static String notInTime(String host) {
        return "Not sent: the host name " + host + " was not resolved in time";
    }

    /** Lookups that run now. */
    public int running() {
        return queue.running();
    }

    /** Callers that wait now. */
    public long waiting() {
        return callers.used();
    }

    @Override
    public void close() {
        service.close();
    }

    private CompletableFuture<List<InetAddress>> join(Key key) {
        CompletableFuture<List<InetAddress>> mine = new CompletableFuture<>();
        CompletableFuture<List<InetAddress>> joined = pending.putIfAbsent(key, mine);
        if (joined != null) {
            return joined;
        }
        CompletableFuture<NameService.Found> found = new CompletableFuture<>();
        found.whenComplete((answer, failure) -> ended(key, mine, answer, failure));
        queue.add(key.account(), () -> lookUp(key.name(), found));
        found.orTimeout(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        return mine;
    }

    /** A late result serves the next callers. */
    private CompletableFuture<?> lookUp(String name, CompletableFuture<NameService.Found> found) {
        if (found.isDone()) {
            return found.handle((answer, failure) -> null);
        }
        return started(() -> service.lookUp(name)).whenComplete((answer, failure) -> {
            if (failure != null) {
                found.completeExceptionally(failure);
            } else if (!found.complete(answer)) {
                keep(name, answer);
            }
        });
    }

    private static <T> CompletableFuture<T> started(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void ended(
            Key key, CompletableFuture<List<InetAddress>> result, NameService.Found found, Throwable failure) {
        if (failure != null) {
            failed(key, result, failure instanceof CompletionException ? failure.getCause() : failure);
            return;
        }
        Answer answer;
        try {
            answer = keep(key.name(), found);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            failed(key, result, e);
            return;
        }
        pauses.remove(key);
        pending.remove(key, result);
        answer.result().whenComplete((addresses, unknown) -> {
            if (unknown == null) {
                result.complete(addresses);
            } else {
                result.completeExceptionally(unknown);
            }
        });
    }

    private void failed(Key key, CompletableFuture<List<InetAddress>> result, Throwable failure) {
        Pause pause = pause(key, failure);
        pending.remove(key, result);
        result.completeExceptionally(new NothingSentException(pause.reason(), pause.until()));
    }

    private Answer keep(String name, NameService.Found found) {
        Instant now = clock.instant();
        // another life would be another time for the second call, which would distinguish the two
        boolean alike = found.isEmpty() || found.addresses().stream().anyMatch(hidden);
        Duration life = alike ? NOT_FOUND_KEPT : min(LONGEST_KEPT, max(SHORTEST_KEPT, found.life()));
        Answer answer = new Answer(
                found.isEmpty()
                        ? CompletableFuture.failedFuture(new UnknownHostException(name))
                        : CompletableFuture.completedFuture(found.addresses().stream()
                                .map(address -> named(name, address))
                                .toList()),
                now.plus(life));
        sweep(now);
        answers.put(name, answer);
        return answer;
    }

    /** Under the name that was asked for: TLS is spoken with it, and nothing looks a name up for the address. */
    private static InetAddress named(String name, InetAddress address) {
        try {
            return InetAddress.getByAddress(name, address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private Pause pause(Key key, Throwable failure) {
        Instant now = clock.instant();
        Pause before = pauses.get(key);
        Duration length = before == null
                ? FIRST_PAUSE
                : min(LONGEST_PAUSE, before.length().multipliedBy(2));
        Pause pause = new Pause(reason(key.name(), failure), length, now.plus(length));
        sweep(now);
        pauses.put(key, pause);
        if (before == null) {
            LOG.warn("egress.name-not-resolved name={} account={}: {}", key.name(), key.account(), pause.reason());
        }
        LOG.debug("{} was not resolved", key.name(), failure);
        return pause;
    }

    private static String reason(String name, Throwable failure) {
        if (failure instanceof TimeoutException) {
            return notInTime(name);
        }
        return "Not sent: the host name " + name + " could not be looked up"
                + (failure instanceof NameServerException
                        ? ": the name server answered " + failure.getMessage()
                        : " by this installation");
    }

    /** Removes expired entries periodically. */
    private void sweep(Instant now) {
        if (answers.size() + pauses.size() > MANY && now.isAfter(sweep)) {
            sweep = now.plus(LONGEST_KEPT);
            answers.values().removeIf(answer -> now.isAfter(answer.until()));
            pauses.values().removeIf(pause -> now.isAfter(pause.until().plus(LONGEST_PAUSE)));
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
