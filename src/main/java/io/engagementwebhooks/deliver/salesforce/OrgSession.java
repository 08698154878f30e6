package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.credential.CachedToken;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The session with one org. One login runs at a time, and callers wait for it. After a failed login, the next one waits
 * for a backoff. Thread-safe; no lock is held during a login.
 */
final class OrgSession {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

    private final Supplier<CompletableFuture<OrgToken>> login;
    private final Clock clock;
    private final CachedToken<OrgToken> token;
    private final Backoff backoff = new Backoff();

    /** @param login logs in and returns the token; fails with {@link LoginFault} */
    OrgSession(Supplier<CompletableFuture<OrgToken>> login, Clock clock) {
        this.login = login;
        this.clock = clock;
        this.token = new CachedToken<>(former -> logIn(), issued -> CachedToken.Life.UNLIMITED, clock);
    }

    /** The token, after a login if there is none. Fails with {@link NothingSentException}. */
    CompletableFuture<OrgToken> open() {
        return token.obtain();
    }

    /** As {@link #open}, but ignores the backoff of a failed login, for tests by a person. */
    CompletableFuture<OrgToken> openNow() {
        backoff.succeeded();
        return open();
    }

    /** Logs in, also if there is a token, which is used until then. */
    void renew() {
        token.renewAhead();
        token.obtain();
    }

    /** As {@link CachedToken#send}. */
    <A> CompletableFuture<A> send(BiFunction<OrgToken, A, CompletableFuture<A>> send, Predicate<A> isResent) {
        return token.send(send, isResent);
    }

    /** Called if the org refuses a token, also if its request is not sent again: the next one logs in. */
    void refused(OrgToken refused) {
        token.discard(refused);
    }

    /** Called if the org refuses a token that it has just issued: the credentials are wrong, not the token. */
    void refusedAgain(OrgToken refused) {
        if (token() == refused) {
            token.discard(refused);
            recordFault(LoginFault.lasting("Salesforce refuses the token that it has just issued for this connection"));
        }
    }

    /** Called if the org accepted a token. A former one says nothing about the next login. */
    void accepted(OrgToken accepted) {
        if (token() == accepted) {
            backoff.succeeded();
        }
    }

    /** The current token, or null. */
    OrgToken token() {
        return token.usable().orElse(null);
    }

    /** Why logins are paused. */
    Optional<NothingSentException> fault() {
        return backoff.pause(clock.instant()).map(OrgSession::unavailable);
    }

    private static NothingSentException unavailable(Backoff.Pause pause) {
        return new NothingSentException(
                pause.reason(), pause.until(), pause.schedule().equals(BackoffSchedule.CREDENTIAL_REFUSED));
    }

    /** The time of the next login: the end of the backoff, or in 10 s. */
    Instant retryAt() {
        return fault().map(NothingSentException::until)
                .orElseGet(() -> clock.instant().plus(FIRST_PAUSE));
    }

    private CompletableFuture<OrgToken> logIn() {
        Optional<NothingSentException> unavailable = fault();
        if (unavailable.isPresent()) {
            return CompletableFuture.failedFuture(unavailable.get());
        }
        return CompletableFuture.completedFuture(null)
                .thenCompose(start -> login.get())
                .exceptionally(failure -> {
                    LoginFault fault = faultOf(failure);
                    if (fault.lasting()) {
                        // no call may count as a success of the refused credentials
                        token.usable().ifPresent(token::discard);
                    }
                    throw recordFault(fault);
                });
    }

    private static LoginFault faultOf(Throwable failure) {
        FatalErrors.check(failure);
        Throwable cause = Causes.unwrapped(failure);
        return cause instanceof LoginFault known
                ? known
                : LoginFault.passing("the login at Salesforce failed by an internal error");
    }

    private NothingSentException recordFault(LoginFault seen) {
        return unavailable(backoff.failed(
                clock.instant(),
                seen.getMessage(),
                seen.lasting() ? BackoffSchedule.CREDENTIAL_REFUSED : BackoffSchedule.tokenRequestFailed(FIRST_PAUSE),
                Duration.ZERO));
    }
}
