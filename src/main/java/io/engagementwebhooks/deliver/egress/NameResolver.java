package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.credential.Backoffs;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.Causes;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves host names, isolated by account. A lookup ends within {@value #LONGEST_SECONDS} s; no thread waits for it.
 *
 * <p>Results are cached for their TTL, 1 to 30 s, and shared by all accounts, since names are public. A name that does
 * not exist, or has a forbidden address, is cached for 5 s. Concurrent lookups of one account and name share one query.
 * After a failed lookup the account pauses for this name, 2 s, doubling to 1 min. Waiting callers and running lookups
 * are limited, per account and in total.
 *
 * <p>A missing name is an {@link UnknownHostException}: the receiver's fault. Every other failure, also a timeout, is a
 * {@link NothingSentException}. Thread-safe.
 */
public final class NameResolver implements AutoCloseable {

    static final int LONGEST_SECONDS = 5;

    /** The timeout of a lookup. */
    static final Duration LONGEST = Duration.ofSeconds(LONGEST_SECONDS);

    private static final Logger LOG = LoggerFactory.getLogger(NameResolver.class);

    private static final Duration SHORTEST_KEPT = Duration.ofSeconds(1);
    private static final Duration LONGEST_KEPT = Duration.ofSeconds(30);
    private static final Duration NOT_FOUND_KEPT = Duration.ofSeconds(5);
    private static final BackoffSchedule PAUSES = new BackoffSchedule(Duration.ofSeconds(2), Duration.ofMinutes(1));
    private static final Duration OVER_LIMIT_RETRY = Duration.ofSeconds(1);
    private static final int CALLERS = 4096;
    private static final int CALLERS_OF_ONE = 1024;

    /** The size of the cache above which expired entries are removed. */
    private static final int MANY = 1000;

    private final NameService service;
    private final Predicate<InetAddress> hidden;
    private final Clock clock;
    private final LookupQueue queue;
    private final SharedBudget callers = new SharedBudget(CALLERS, CALLERS_OF_ONE);
    private final Map<String, CachedResult> answers = new ConcurrentHashMap<>();
    private final Map<Key, CompletableFuture<List<InetAddress>>> pending = new ConcurrentHashMap<>();
    private final Backoffs<Key> pauses = new Backoffs<>(PAUSES.longest());
    private volatile Instant sweep = Instant.MIN;

    private record Key(String account, String name) {}

    /** @param result result a completed future: the addresses, or {@link UnknownHostException} */
    private record CachedResult(CompletableFuture<List<InetAddress>> result, Instant until) {}

    NameResolver(NameService service, Clock clock) {
        this(service, address -> false, clock);
    }

    /** @param hidden addresses that a customer must not learn of: such a name is cached as long as a missing one */
    NameResolver(NameService service, Predicate<InetAddress> hidden, Clock clock) {
        this.service = service;
        this.hidden = hidden;
        this.clock = clock;
        this.queue = new LookupQueue(service.limits());
    }

    /** A resolver by the operator's settings. @param rules for the resolved addresses */
    public static NameResolver of(ResolverSettings settings, EgressRules rules, Clock clock) {
        return new NameResolver(
                settings.service(), address -> rules.refusal(address).isPresent(), clock);
    }

    /**
     * Resolves a name. Do not block the thread that completes the future.
     *
     * @param account the account that the lookup counts for, or {@link OutgoingRequest#OPERATOR}
     * @param host a name in any case, not a literal address
     * @return fails with {@link UnknownHostException} or {@link NothingSentException}, possibly inside a
     *     {@link CompletionException}, within {@value #LONGEST_SECONDS} s
     */
    public CompletableFuture<List<InetAddress>> resolve(String account, String host) {
        Key key = new Key(account, host.toLowerCase(Locale.ROOT));
        Instant now = clock.instant();
        CachedResult known = answers.get(key.name());
        if (known != null && now.isBefore(known.until())) {
            return known.result();
        }
        Optional<Backoff.Pause> pause = pauses.pause(key, now);
        if (pause.isPresent()) {
            return CompletableFuture.failedFuture(notSent(pause.get()));
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

    /** The exception of a timeout. */
    static NothingSentException notInTime(String host, Instant now) {
        return new NothingSentException(notInTime(host), now.plus(LONGEST));
    }

    private static String notInTime(String host) {
        return "Not sent: the host name " + host + " was not resolved in time";
    }

    /** Number of running lookups. */
    public int running() {
        return queue.running();
    }

    /** Number of waiting callers. */
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
        CompletableFuture<NameService.Resolution> found = new CompletableFuture<>();
        found.thenApply(answer -> cache(key.name(), answer))
                .whenComplete((cached, failure) -> ended(key, mine, cached, failure));
        queue.add(key.account(), () -> lookUp(key.name(), found));
        found.orTimeout(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        return mine;
    }

    /** Looks up a name. A late result is cached for later callers. */
    private CompletableFuture<?> lookUp(String name, CompletableFuture<NameService.Resolution> found) {
        if (found.isDone()) {
            return found.handle((answer, failure) -> null);
        }
        return CompletableFuture.completedFuture(name)
                .thenCompose(service::lookUp)
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        found.completeExceptionally(failure);
                    } else if (!found.complete(answer)) {
                        cache(name, answer);
                    }
                });
    }

    private void ended(Key key, CompletableFuture<List<InetAddress>> result, CachedResult found, Throwable failure) {
        if (failure != null) {
            failed(key, result, Causes.unwrapped(failure));
            return;
        }
        pauses.succeeded(key);
        pending.remove(key, result);
        found.result().whenComplete((addresses, unknown) -> {
            if (unknown == null) {
                result.complete(addresses);
            } else {
                result.completeExceptionally(unknown);
            }
        });
    }

    private void failed(Key key, CompletableFuture<List<InetAddress>> result, Throwable failure) {
        FatalErrors.check(failure);
        Backoff.Pause pause = pause(key, failure);
        pending.remove(key, result);
        result.completeExceptionally(notSent(pause));
    }

    private static NothingSentException notSent(Backoff.Pause pause) {
        return new NothingSentException(pause.reason(), pause.until());
    }

    private CachedResult cache(String name, NameService.Resolution found) {
        Instant now = clock.instant();
        // equal TTLs, so that timing does not reveal whether a name exists
        boolean alike = found.isEmpty() || found.addresses().stream().anyMatch(hidden);
        Duration ttl = alike ? NOT_FOUND_KEPT : inRange(found.ttl());
        CachedResult answer = new CachedResult(
                found.isEmpty()
                        ? CompletableFuture.failedFuture(new UnknownHostException(name))
                        : CompletableFuture.completedFuture(found.addresses().stream()
                                .map(address -> named(name, address))
                                .toList()),
                now.plus(ttl));
        sweep(now);
        answers.put(name, answer);
        return answer;
    }

    /** Attaches the requested name, for TLS, and so that nothing does a reverse lookup. */
    private static InetAddress named(String name, InetAddress address) {
        try {
            return InetAddress.getByAddress(name, address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private Backoff.Pause pause(Key key, Throwable failure) {
        Instant now = clock.instant();
        boolean isFirst = !pauses.isFailing(key);
        Backoff.Pause pause = pauses.failed(key, now, reason(key.name(), failure), PAUSES, Duration.ZERO);
        if (isFirst) {
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
        if (answers.size() > MANY && now.isAfter(sweep)) {
            sweep = now.plus(LONGEST_KEPT);
            answers.values().removeIf(answer -> now.isAfter(answer.until()));
        }
    }

    private static Duration inRange(Duration ttl) {
        Duration kept = ttl.compareTo(SHORTEST_KEPT) < 0 ? SHORTEST_KEPT : ttl;
        return kept.compareTo(LONGEST_KEPT) > 0 ? LONGEST_KEPT : kept;
    }
}
