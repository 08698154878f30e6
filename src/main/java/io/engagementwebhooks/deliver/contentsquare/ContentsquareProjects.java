package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareAccess;
import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What is remembered of each connection: a project whose token service refuses or fails is left alone for a while, so
 * that its waiting deliveries do not each ask again. Thread-safe.
 */
public final class ContentsquareProjects {

    private static final Duration TOKEN_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration SHORTEST_REFUSED = Duration.ofMinutes(5);
    private static final Duration LONGEST_REFUSED = Duration.ofHours(1);

    private static final int MOST_CALLS = 240;
    static final int MOST_CALLS_OF_ONE = 120;

    private final Clock clock;
    private final Predicate<URI> callable;
    private final Map<ContentsquareConnection, Backoff> pauses = new ConcurrentHashMap<>();

    /** Deliveries between the choice of their project and its answer: as many as there are threads for calls. */
    private final SharedBudget calls = new SharedBudget(MOST_CALLS, MOST_CALLS_OF_ONE);

    /**
     * @param clock now
     * @param callable whether a URL may be called by the egress rules
     */
    public ContentsquareProjects(Clock clock, Predicate<URI> callable) {
        this.clock = clock;
        this.callable = callable;
    }

    static ContentsquareConnection connection(Delivery delivery) {
        return ((Authentication.Contentsquare) delivery.webhook().delivery().authentication()).connection();
    }

    /** How the component reaches the delivery's project. */
    ContentsquareAccess access(Delivery delivery) {
        return access(connection(delivery), delivery.webhook().delivery().timeout());
    }

    /** How a connection's project is reached. */
    ContentsquareAccess access(ContentsquareConnection connection, Duration timeout) {
        boolean plain = "http".equalsIgnoreCase(connection.tokenUrl().getScheme());
        return new ContentsquareAccess(
                connection.tokenUrl(),
                connection.clientId(),
                connection.clientSecret().reveal(),
                connection.scope(),
                connection.projectId(),
                connection.endpointSuffix(),
                plain && callable.test(connection.tokenUrl()),
                timeout,
                TOKEN_TIMEOUT,
                connection.account());
    }

    /**
     * Begins a call of an account; other accounts' calls are never kept from it.
     *
     * @return ends it; empty: the account has too many at the moment
     */
    Optional<Runnable> call(String account) {
        SharedBudget.Share share = calls.of(account);
        return share.tryAcquire(1) ? Optional.of(() -> share.release(1)) : Optional.empty();
    }

    Optional<Backoff.Pause> pause(Delivery delivery) {
        Backoff backoff = pauses.get(connection(delivery));
        return backoff == null ? Optional.empty() : backoff.pause(clock.instant());
    }

    /** There was no token. @return when to ask again */
    Instant noToken(Delivery delivery, String reason, boolean passing, Duration atLeast) {
        return pauses.computeIfAbsent(connection(delivery), connection -> new Backoff())
                .failed(
                        clock.instant(),
                        reason,
                        passing ? SHORTEST : SHORTEST_REFUSED,
                        passing ? LONGEST : LONGEST_REFUSED,
                        atLeast)
                .until();
    }

    void hadToken(Delivery delivery) {
        pauses.remove(connection(delivery));
    }
}
