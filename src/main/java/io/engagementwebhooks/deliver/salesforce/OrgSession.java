package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.CachedToken;
import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The session with one org: at most one login runs at a time, callers that need a token wait for it, and after a
 * fault no login runs until its hold has passed. Thread-safe; no lock is held while a login runs.
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
    private OrgUnavailable fault;

    /** @param login logs in and answers the token; fails with {@link LoginFault} */
    OrgSession(Supplier<CompletableFuture<String>> login, Clock clock) {
        this.login = login;
        this.clock = clock;
        this.token = new CachedToken<>(former -> logIn(), issued -> CachedToken.Life.UNLIMITED, clock);
    }

    /** The token, after a login if there is none. Fails with {@link OrgUnavailable}. */
    CompletableFuture<String> open() {
        return token.obtain();
    }

    /** As {@link #open}, but a person asks: the time that a fault has left does not count. */
    CompletableFuture<String> openNow() {
        synchronized (this) {
            fault = null;
        }
        return open();
    }

    /** Another token than the refused one: the one that replaced it already, or a new one. */
    CompletableFuture<String> renew(String refused) {
        current(refused).ifPresent(token::discard);
        return open();
    }

    /** The org refused a token that it had just issued: a fault of the credential, not of the token. */
    void refusedAgain(String refused) {
        current(refused).ifPresent(issued -> {
            token.discard(issued);
            remember(LoginFault.lasting("Salesforce refuses the token that it has just issued for this connection"));
        });
    }

    /** The org accepted a token. */
    void accepted() {
        lasting.succeeded();
        passing.succeeded();
    }

    /** The token as it is now, or null. */
    String token() {
        return token.usable().orElse(null);
    }

    private Optional<String> current(String refused) {
        return token.usable().filter(refused::equals);
    }

    /** An answer without the tokens that it echoes, those that were replaced lately included: answers are kept and shown. */
    byte[] withoutTokens(byte[] answer) {
        List<String> tokens;
        synchronized (this) {
            tokens = List.copyOf(lastTokens);
        }
        return Redactor.of(tokens).redact(answer);
    }

    /** Why logins are on hold. */
    synchronized Optional<OrgUnavailable> fault() {
        return Optional.ofNullable(fault).filter(since -> since.until().isAfter(clock.instant()));
    }

    /** When the next login may run: the end of the hold, or of a short pause from now. */
    Instant retryAt() {
        return fault().map(OrgUnavailable::until)
                .orElseGet(() -> clock.instant().plus(FIRST_PASSING));
    }

    private CompletableFuture<String> logIn() {
        Optional<OrgUnavailable> unavailable = fault();
        if (unavailable.isPresent()) {
            return CompletableFuture.failedFuture(unavailable.get());
        }
        return CompletableFuture.completedFuture(null)
                .thenCompose(start -> login.get())
                .handle((issued, failure) -> {
                    if (failure != null) {
                        throw remember(faultOf(failure));
                    }
                    remember(issued);
                    return issued;
                });
    }

    private synchronized void remember(String issued) {
        lastTokens.addFirst(issued);
        while (lastTokens.size() > REMEMBERED_TOKENS) {
            lastTokens.removeLast();
        }
    }

    private static LoginFault faultOf(Throwable failure) {
        FatalErrors.check(failure);
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof LoginFault known
                ? known
                : LoginFault.passing("the login at Salesforce failed for a reason of ours");
    }

    private synchronized OrgUnavailable remember(LoginFault seen) {
        // a failure of the other kind begins with its own first pause
        (seen.lasting() ? passing : lasting).succeeded();
        Backoff.Pause pause = (seen.lasting() ? lasting : passing)
                .failed(
                        clock.instant(),
                        seen.getMessage(),
                        seen.lasting() ? FIRST_LASTING : FIRST_PASSING,
                        seen.lasting() ? LONGEST_LASTING : LONGEST_PASSING,
                        Duration.ZERO);
        fault = new OrgUnavailable(seen.getMessage(), pause.until(), seen.lasting());
        return fault;
    }
}
