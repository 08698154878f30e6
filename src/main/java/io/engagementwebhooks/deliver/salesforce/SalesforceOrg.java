package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.step.ContinuationExecutor;
import io.engagementwebhooks.deliver.step.KeyedLocks;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.time.Clock;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.camel.Exchange;

/**
 * The org of a connection. It shares nothing with other orgs and holds no thread.
 *
 * @param session its session
 * @param calls sends requests with the session's token
 * @param limits its limits
 * @param objects descriptions of its objects
 * @param existing records known to exist, so that an upsert omits create-only fields; a refused upsert adds one that was
 *     evicted
 * @param unanswered ids of the account's deliveries with an attempt without response, which may have been processed
 * @param contended parents with lock contention
 * @param parentLocks locks on parent records
 */
record SalesforceOrg(
        OrgSession session,
        OrgCalls calls,
        OrgLimits limits,
        OrgObjects objects,
        RecentSet existing,
        RecentSet unanswered,
        LockContentionTracker contended,
        KeyedLocks<String> parentLocks) {

    /** {@link SalesforceOrg}: set by step <i>choose-org</i>. The delivery keeps it when the connection changes. */
    private static final String PROPERTY = "salesforceOrgOfDelivery";

    /** The most waiting calls per parent record; further ones wait in the outbox. */
    private static final int MOST_WAITING = 16;

    /** @param recent of the account, so that more orgs use no more memory */
    static SalesforceOrg of(SalesforceConnection connection, OrgDependencies dependencies, RecentSet recent) {
        String account = connection.account();
        Clock clock = dependencies.clock();
        Executor threads =
                new ContinuationExecutor(task -> dependencies.threads().accept(account, task));
        OrgSession session = new OrgSession(new OrgLogin(connection, dependencies, threads)::token, clock);
        OrgLimits limits = new OrgLimits(clock);
        OrgCalls calls = new OrgCalls(account, dependencies.egress(), clock, session, limits);
        OrgDescribe describe = new OrgDescribe(
                calls, connection.apiVersion(), dependencies.ledger().of(account), threads);
        return new SalesforceOrg(
                session,
                calls,
                limits,
                new OrgObjects(describe::of, clock),
                recent.within("record of " + connection.name() + " " + connection.loginUrl() + " "),
                recent.within("delivery "),
                new LockContentionTracker(clock),
                new KeyedLocks<>(Comparator.naturalOrder(), MOST_WAITING));
    }

    /** The org of a delivery; null before step <i>choose-org</i>. */
    static SalesforceOrg of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, SalesforceOrg.class);
    }

    void putOn(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** Opens the session, unless a limit pauses the org. Fails with {@link NothingSentException}. */
    CompletableFuture<OrgToken> open() {
        return limits.current()
                .<CompletableFuture<OrgToken>>map(CompletableFuture::failedFuture)
                .orElseGet(session::open);
    }
}
