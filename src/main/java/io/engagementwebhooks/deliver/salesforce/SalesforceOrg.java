package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.egress.EgressProxy;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One org as the process sees it: its component, session and limits. Nothing in it is shared with another org. It is
 * closed when it is no longer used. Thread-safe.
 */
final class SalesforceOrg {

    private static final Logger LOG = LoggerFactory.getLogger(SalesforceOrg.class);
    private static final int WORKERS = 2;
    private static final int MOST_WORKERS = 10;

    private final CamelContext context;
    private final String scheme;
    private final ExecutorService workers;
    private final OrgSession session;
    private final OrgLimits limits;
    private final OrgObjects objects;
    private final OrgCaches memory;
    private final OrgComponent component;
    private final Clock clock;
    private final Runnable closed;

    private Instant lastUsed;
    private int users;
    private boolean retired;

    SalesforceOrg(
            String scheme,
            SalesforceConnection connection,
            OrgDependencies around,
            OrgCaches memory,
            Optional<EgressProxy> proxy,
            Runnable closed) {
        this.closed = closed;
        this.context = around.context();
        this.clock = around.clock();
        this.scheme = scheme;
        this.memory = memory;
        workers = context.getExecutorServiceManager().newThreadPool(this, scheme, WORKERS, MOST_WORKERS);
        limits = new OrgLimits(clock);
        session = new OrgSession(() -> this.login(connection, around), clock);
        OrgClient client = new OrgClient(
                context,
                scheme,
                workers,
                session,
                memory.usage(),
                around.calls(),
                new CheckedAddresses(connection.account(), around.names(), around.refusal(), workers));
        proxy.ifPresent(through -> client.goThrough(
                through,
                new CheckedAddresses(OutgoingRequest.OPERATOR, around.names(), address -> Optional.empty(), workers)));
        component = new OrgComponent(connection, client);
        objects = new OrgObjects(
                new OrgDescribe(
                        client,
                        component,
                        connection.apiVersion(),
                        around.ledger().of(connection.account()))::of,
                clock);
        lastUsed = clock.instant();
        context.addComponent(scheme, component);
    }

    private CompletableFuture<String> login(SalesforceConnection connection, OrgDependencies around) {
        OrgClient client = (OrgClient) component.getHttpClient();
        return new OrgLogin(connection, client, component, around).token();
    }

    /** The scheme of endpoint URIs that reach this org. */
    String scheme() {
        return scheme;
    }

    /** Completes when a call may be sent. Fails with {@link OrgUnavailable}. */
    CompletableFuture<String> open() {
        return limits.reached()
                .<CompletableFuture<String>>map(CompletableFuture::failedFuture)
                .orElseGet(session::open);
    }

    /** Completes when there is a session, also while a limit holds deliveries. Fails with {@link OrgUnavailable}. */
    CompletableFuture<String> login() {
        return session.openNow();
    }

    OrgState state() {
        return new OrgState(session, limits, objects, memory);
    }

    /** Where what follows an answer runs, off the client's own threads. */
    Executor workers() {
        return workers;
    }

    /** Registers a user. @return false: it is being closed, take another one */
    synchronized boolean lease() {
        if (retired || component.isStopped()) {
            return false;
        }
        users++;
        return true;
    }

    void release() {
        boolean last;
        synchronized (this) {
            users--;
            lastUsed = clock.instant();
            last = retired && users == 0;
        }
        if (last) {
            close();
        }
    }

    /** Takes no more users and closes when the last one is done. */
    void retire() {
        boolean last;
        synchronized (this) {
            last = !retired && users == 0;
            retired = true;
        }
        if (last) {
            close();
        }
    }

    /**
     * Retires if it was idle for a while. Not while a limit or a failed login holds it: that would be forgotten.
     *
     * @return whether it did
     */
    synchronized boolean retireIfIdle(Duration idle) {
        return !lastUsed.plus(idle).isAfter(clock.instant()) && retireIfUnused(false);
    }

    /**
     * Retires if it is not in use.
     *
     * @param held whether also while a limit or a failed login holds it
     * @return whether it did
     */
    synchronized boolean retireIfUnused(boolean held) {
        boolean isHeld = limits.reached().isPresent() || session.fault().isPresent();
        if (retired || users > 0 || isHeld && !held) {
            return false;
        }
        retired = true;
        close();
        return true;
    }

    synchronized Instant lastUsed() {
        return lastUsed;
    }

    /** On a separate thread: it waits for the client's threads, and one of them may call it. */
    private void close() {
        closed.run();
        Thread closing = new Thread(this::remove, "close-" + scheme);
        closing.setDaemon(true);
        closing.start();
    }

    private void remove() {
        try {
            context.removeEndpoints(scheme + ":*");
            context.removeComponent(scheme);
        } catch (Exception e) {
            LOG.warn("salesforce.close-failed component={}", scheme, e);
        }
    }
}
