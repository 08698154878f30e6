package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareAccess;
import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.credential.Backoffs;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Backoff per connection: if its token service refuses or fails, waiting deliveries do not each
 * request a token. Thread-safe.
 */
public final class ContentsquareProjects {

    private static final Duration TOKEN_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

    private final Clock clock;
    private final Predicate<URI> callable;
    private final Backoffs<ContentsquareConnection> pauses =
            new Backoffs<>(BackoffSchedule.CREDENTIAL_REFUSED.longest());

    /** @param callable whether the egress rules allow a URL */
    public ContentsquareProjects(Clock clock, Predicate<URI> callable) {
        this.clock = clock;
        this.callable = callable;
    }

    static ContentsquareConnection connection(Delivery delivery) {
        return ((Authentication.Contentsquare) delivery.webhook().delivery().authentication()).connection();
    }

    /** The component's access to the delivery's project. */
    ContentsquareAccess access(Delivery delivery) {
        return access(connection(delivery), delivery.webhook().delivery().timeout());
    }

    /** The component's access to a connection's project. */
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

    Optional<Backoff.Pause> pause(Delivery delivery) {
        return pauses.pause(connection(delivery), clock.instant());
    }

    /** Records a failed token request. @return when to retry */
    Instant tokenFailed(Delivery delivery, String reason, boolean isTemporary, Duration atLeast) {
        return pauses.failed(
                        connection(delivery),
                        clock.instant(),
                        reason,
                        isTemporary
                                ? BackoffSchedule.tokenRequestFailed(FIRST_PAUSE)
                                : BackoffSchedule.CREDENTIAL_REFUSED,
                        atLeast)
                .until();
    }

    void tokenSucceeded(Delivery delivery) {
        pauses.succeeded(connection(delivery));
    }
}
