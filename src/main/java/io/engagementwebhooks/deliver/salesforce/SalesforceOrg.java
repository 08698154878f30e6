package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.egress.EgressProxy;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open org: its Camel component, session and limits. It shares nothing with other orgs, and is closed when idle.
 * Thread-safe.
 */
final class SalesforceOrg {

    private static final Logger LOG = LoggerFactory.getLogger(SalesforceOrg.class);

    private final CamelContext context;
    private final String scheme;
    private final OrgSession session;
    private final OrgLimits limits;
    private final OrgObjects objects;
    private final OrgCaches caches;
    private final OrgComponent component;
    private final Clock clock;
    private final Runnable closed;

    private Instant lastUsed;
    private int users;
    private boolean retired;

    SalesforceOrg(
            String scheme,
            SalesforceConnection connection,
            OrgDependencies dependencies,
            OrgCaches caches,
            Optional<EgressProxy> proxy,
            Runnable closed) {
        this.closed = closed;
        this.context = dependencies.context();
        this.clock = dependencies.clock();
        this.scheme = scheme;
        this.caches = caches;
        limits = new OrgLimits(clock);
        OrgClient client = new OrgClient(
                context,
                scheme,
                connection.account(),
                dependencies.names(),
                dependencies.rules(),
                dependencies.timer());
        proxy.ifPresent(through -> client.useProxy(through, dependencies.names()));
        session = new OrgSession(new OrgLogin(connection, client, dependencies)::token, clock);
        OrgCalls calls = new OrgCalls(client, session, caches.usage());
        component = new OrgComponent(connection, client, calls);
        objects = new OrgObjects(
                new OrgDescribe(
                        calls, connection.apiVersion(), dependencies.ledger().of(connection.account()))::of,
                clock);
        lastUsed = clock.instant();
        context.addComponent(scheme, component);
    }

    /** The scheme of this org's endpoint URIs. */
    String scheme() {
        return scheme;
    }

    /** Opens the session, unless a limit pauses the org. Fails with {@link NothingSentException}. */
    CompletableFuture<OrgToken> open() {
        return limits.current()
                .<CompletableFuture<OrgToken>>map(CompletableFuture::failedFuture)
                .orElseGet(session::open);
    }

    /** Opens the session, even while paused. Fails with {@link NothingSentException}. */
    CompletableFuture<OrgToken> login() {
        return session.openNow();
    }

    OrgState state() {
        return new OrgState(session, limits, objects, caches);
    }

    /** Registers a user of the org, to be released. @return false if it is being closed */
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

    /** Accepts no more users, and closes after the last one is released. */
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
     * Retires if idle for a while, but not while paused, since a pause would be lost.
     *
     * @return whether it retired
     */
    synchronized boolean retireIfIdle(Duration idle) {
        return !lastUsed.plus(idle).isAfter(clock.instant()) && retireIfUnused(false);
    }

    /**
     * Retires if not in use.
     *
     * @param evenIfPaused whether also while a limit or a failed login pauses it
     * @return whether it retired
     */
    synchronized boolean retireIfUnused(boolean evenIfPaused) {
        boolean isPaused = limits.current().isPresent() || session.fault().isPresent();
        if (retired || users > 0 || isPaused && !evenIfPaused) {
            return false;
        }
        retired = true;
        close();
        return true;
    }

    synchronized Instant lastUsed() {
        return lastUsed;
    }

    /** Closes on a separate thread: it waits for the client's threads, which may call this. */
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
