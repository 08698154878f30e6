package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressProxy;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;

/**
 * The orgs in use, one instance of Camel's Salesforce component per connection, made on first use under a scheme of
 * its own. A connection is the same as long as it is equal: a changed one gets a new component. Thread-safe.
 */
public final class SalesforceOrgs implements AutoCloseable {

    /** A time-out of its own, outside the deadline of the call (semantics 15). */
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(10);

    private final CamelContext context;
    private final Clock clock;
    private final Predicate<URI> plainHttpAllowed;
    private final Function<InetAddress, Optional<String>> refusal;
    private final Duration loginTimeout;
    private final Map<SalesforceConnection, SalesforceOrg> orgs = new ConcurrentHashMap<>();
    private final AtomicLong made = new AtomicLong();
    private volatile EgressProxy proxy;

    /**
     * @param context where the components live
     * @param clock for holds and pauses
     * @param plainHttpAllowed whether a URL may be called by the egress rules, as far as that can be told without resolving
     * @param refusal why an address must not be connected to; empty: it may
     */
    public SalesforceOrgs(
            CamelContext context,
            Clock clock,
            Predicate<URI> plainHttpAllowed,
            Function<InetAddress, Optional<String>> refusal) {
        this(context, clock, plainHttpAllowed, refusal, LOGIN_TIMEOUT);
    }

    SalesforceOrgs(
            CamelContext context,
            Clock clock,
            Predicate<URI> plainHttpAllowed,
            Function<InetAddress, Optional<String>> refusal,
            Duration loginTimeout) {
        this.context = context;
        this.clock = clock;
        this.plainHttpAllowed = plainHttpAllowed;
        this.refusal = refusal;
        this.loginTimeout = loginTimeout;
    }

    /** Sends everything to orgs that are opened from now on through a proxy. */
    public void goThrough(EgressProxy through) {
        proxy = through;
    }

    /** The connection's org, kept open until it is released. */
    SalesforceOrg lease(SalesforceConnection connection) {
        while (true) {
            SalesforceOrg org = orgs.computeIfAbsent(connection, this::make);
            if (org.lease()) {
                return org;
            }
            orgs.remove(connection, org);
        }
    }

    /** What is remembered of the connection's org; nothing, if it is not in use or was closed meanwhile. */
    OrgState state(SalesforceConnection connection) {
        SalesforceOrg org = orgs.get(connection);
        return org != null ? org.state() : forgotten();
    }

    private OrgState forgotten() {
        OrgSession none = new OrgSession(
                () -> CompletableFuture.failedFuture(LoginFault.passing("the connection is closed")), clock);
        return new OrgState(none, new OrgLimits(clock));
    }

    /** Closes the orgs of all other connections, each when the calls under way to it are done. */
    public void retain(Set<SalesforceConnection> connections) {
        orgs.forEach((connection, org) -> {
            if (!connections.contains(connection) && orgs.remove(connection, org)) {
                org.retire();
            }
        });
    }

    @Override
    public void close() {
        retain(Set.of());
    }

    private SalesforceOrg make(SalesforceConnection connection) {
        return new SalesforceOrg(
                context,
                scheme(connection),
                connection,
                clock,
                plainHttpAllowed,
                refusal,
                loginTimeout,
                Optional.ofNullable(proxy));
    }

    /** Speaks in logs and JMX, and never comes twice: {@code salesforce-acme-sales-1}. */
    private String scheme(SalesforceConnection connection) {
        String name = connection.account() + "-" + connection.name();
        return "salesforce-" + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-") + "-"
                + made.incrementAndGet();
    }
}
