package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
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

    private final Deque<String> lastTokens = new ArrayDeque<>();
    private String token;
    private CompletableFuture<String> running;
    private OrgUnavailable fault;
    private boolean lastFaultLasting;
    private int faults;

    /** @param login logs in and answers the token; fails with {@link LoginFault} */
    OrgSession(Supplier<CompletableFuture<String>> login, Clock clock) {
        this.login = login;
        this.clock = clock;
    }

    /** The token, after a login if there is none. Fails with {@link OrgUnavailable}. */
    CompletableFuture<String> open() {
        CompletableFuture<String> mine;
        synchronized (this) {
            if (token != null) {
                return CompletableFuture.completedFuture(token);
            }
            if (running != null) {
                return running;
            }
            if (fault().isPresent()) {
                return CompletableFuture.failedFuture(fault);
            }
            mine = new CompletableFuture<>();
            running = mine;
        }
        start(mine);
        return mine;
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
        synchronized (this) {
            if (refused.equals(token)) {
                token = null;
            }
        }
        return open();
    }

    /** The org refused a token that it had just issued: a fault of the credential, not of the token. */
    synchronized void refusedAgain(String refused) {
        if (refused.equals(token)) {
            token = null;
            remember(LoginFault.lasting("Salesforce refuses the token that it has just issued for this connection"));
        }
    }

    /** The org accepted a token. */
    synchronized void accepted() {
        faults = 0;
    }

    /** The token as it is now, or null. */
    synchronized String token() {
        return token;
    }

    /** An answer without the tokens that it echoes, those that were replaced lately included: answers are kept and shown. */
    synchronized byte[] withoutTokens(byte[] answer) {
        return Redactor.of(lastTokens).redact(answer);
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

    private void start(CompletableFuture<String> mine) {
        try {
            login.get().whenComplete((issued, failure) -> finish(mine, issued, failure));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            finish(mine, null, e);
        }
    }

    private void finish(CompletableFuture<String> mine, String issued, Throwable failure) {
        OrgUnavailable seen = null;
        synchronized (this) {
            running = null;
            token = issued;
            remember(issued);
            if (failure != null) {
                remember(faultOf(failure));
                seen = fault;
            }
        }
        if (seen == null) {
            mine.complete(issued);
        } else {
            mine.completeExceptionally(seen);
        }
    }

    private void remember(String issued) {
        if (issued != null) {
            lastTokens.addFirst(issued);
            while (lastTokens.size() > REMEMBERED_TOKENS) {
                lastTokens.removeLast();
            }
        }
    }

    private static LoginFault faultOf(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof LoginFault known
                ? known
                : LoginFault.passing("the login at Salesforce failed for a reason of ours");
    }

    private void remember(LoginFault seen) {
        faults = seen.lasting() == lastFaultLasting ? faults + 1 : 1;
        lastFaultLasting = seen.lasting();
        fault = new OrgUnavailable(seen.getMessage(), clock.instant().plus(pause()), seen.lasting());
    }

    private Duration pause() {
        Duration first = lastFaultLasting ? FIRST_LASTING : FIRST_PASSING;
        Duration longest = lastFaultLasting ? LONGEST_LASTING : LONGEST_PASSING;
        Duration doubled = first.multipliedBy(1L << Math.min(faults - 1, 16));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
