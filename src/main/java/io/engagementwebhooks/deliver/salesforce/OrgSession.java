package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.CachedToken;
import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The session with one org. One login runs at a time, and callers wait for it. After a failed login, the next one waits
 * for a backoff. Thread-safe; no lock is held during a login.
 */
final class OrgSession {

    private static final Duration FIRST_LASTING = Duration.ofMinutes(5);
    private static final Duration LONGEST_LASTING = Duration.ofHours(1);
    private static final Duration FIRST_PASSING = Duration.ofSeconds(10);
    private static final Duration LONGEST_PASSING = Duration.ofMinutes(5);

    private static final int REMEMBERED_TOKENS = 4;

    private final Supplier<CompletableFuture<String>> login;
    private final Clock clock;
    private final CachedToken<String> token;
    private final Backoff lasting = new Backoff();
    private final Backoff passing = new Backoff();
    private final Deque<String> lastTokens = new ArrayDeque<>();
    private NothingSentException fault;

    /** @param login logs in and returns the token; fails with {@link LoginFault} */
    OrgSession(Supplier<CompletableFuture<String>> login, Clock clock) {
        this.login = login;
        this.clock = clock;
        this.token = new CachedToken<>(former -> logIn(), issued -> CachedToken.Life.UNLIMITED, clock);
    }

    /** The token, after a login if there is none. Fails with {@link NothingSentException}. */
    CompletableFuture<String> open() {
        return token.obtain();
    }

    /** As {@link #open}, but ignores the backoff of a failed login, for tests by a person. */
    CompletableFuture<String> openNow() {
        synchronized (this) {
            fault = null;
        }
        return open();
    }

    /** A token other than the refused one: its successor, or a new one. */
    CompletableFuture<String> renew(String refused) {
        ifCurrent(refused).ifPresent(token::discard);
        return open();
    }

    /** Called if the org refuses a token that it has just issued: the credentials are wrong, not the token. */
    void refusedAgain(String refused) {
        ifCurrent(refused).ifPresent(issued -> {
            token.discard(issued);
            recordFault(LoginFault.lasting("Salesforce refuses the token that it has just issued for this connection"));
        });
    }

    /** Called if the org accepted a token. */
    void accepted() {
        lasting.succeeded();
        passing.succeeded();
    }

    /** The current token, or null. */
    String token() {
        return token.usable().orElse(null);
    }

    private Optional<String> ifCurrent(String refused) {
        return token.usable().filter(refused::equals);
    }

    /** A response body with current and recent tokens masked, since responses are stored and shown. */
    byte[] withoutTokens(byte[] answer) {
        List<String> tokens;
        synchronized (this) {
            tokens = List.copyOf(lastTokens);
        }
        return Redactor.of(tokens).redact(answer);
    }

    /** Why logins are paused. */
    synchronized Optional<NothingSentException> fault() {
        return Optional.ofNullable(fault).filter(since -> since.until().isAfter(clock.instant()));
    }

    /** The time of the next login: the end of the backoff, or in 10 s. */
    Instant retryAt() {
        return fault().map(NothingSentException::until)
                .orElseGet(() -> clock.instant().plus(FIRST_PASSING));
    }

    private CompletableFuture<String> logIn() {
        Optional<NothingSentException> unavailable = fault();
        if (unavailable.isPresent()) {
            return CompletableFuture.failedFuture(unavailable.get());
        }
        return CompletableFuture.completedFuture(null)
                .thenCompose(start -> login.get())
                .handle((issued, failure) -> {
                    if (failure != null) {
                        throw recordFault(faultOf(failure));
                    }
                    addToken(issued);
                    return issued;
                });
    }

    private synchronized void addToken(String issued) {
        lastTokens.addFirst(issued);
        while (lastTokens.size() > REMEMBERED_TOKENS) {
            lastTokens.removeLast();
        }
    }

    private static LoginFault faultOf(Throwable failure) {
        FatalErrors.check(failure);
        Throwable cause = Causes.unwrapped(failure);
        return cause instanceof LoginFault known
                ? known
                : LoginFault.passing("the login at Salesforce failed by an internal error");
    }

    private synchronized NothingSentException recordFault(LoginFault seen) {
        // a failure of the other kind starts its own backoff
        (seen.lasting() ? passing : lasting).succeeded();
        Backoff.Pause pause = (seen.lasting() ? lasting : passing)
                .failed(
                        clock.instant(),
                        seen.getMessage(),
                        seen.lasting() ? FIRST_LASTING : FIRST_PASSING,
                        seen.lasting() ? LONGEST_LASTING : LONGEST_PASSING,
                        Duration.ZERO);
        fault = new NothingSentException(seen.getMessage(), pause.until(), seen.lasting());
        return fault;
    }
}
