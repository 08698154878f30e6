package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.egress.EgressProxy;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * The open orgs, one Camel Salesforce component per connection, created on first use under a separate scheme. A changed
 * connection gets a new component. Thread-safe.
 */
public final class SalesforceOrgs implements AutoCloseable {

    /** Timeout of a login, outside the deadline of the call (semantics 15). */
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(10);

    /** Each has its own threads. One account cannot use all of them. */
    private static final int MOST_OPEN = 200;

    private static final int MOST_OPEN_OF_ONE = 100;

    private static final Duration ROOM_RETRY = Duration.ofSeconds(2);

    /** An org idle for this long is closed; the next delivery opens it again, with a login. */
    private static final Duration IDLE = Duration.ofMinutes(15);

    /** Identifies an org, regardless of its credentials. */
    private record Key(String account, String name, URI loginUrl) {
        static Key of(SalesforceConnection connection) {
            return new Key(connection.account(), connection.name(), connection.loginUrl());
        }
    }

    private final OrgDependencies dependencies;
    private final Map<SalesforceConnection, SalesforceOrg> orgs = new ConcurrentHashMap<>();
    private final Map<Key, OrgCaches> caches = new ConcurrentHashMap<>();
    private final Map<String, OrgCaches.AccountCaches> accounts = new ConcurrentHashMap<>();
    private final AtomicLong made = new AtomicLong();
    private volatile EgressProxy proxy;

    /**
     * @param context context of the components
     * @param clock for backoff and limits
     * @param rules the egress rules
     * @param names resolves the addresses of orgs
     * @param refreshTokens stores rotated refresh tokens
     * @param ledger accounts for the memory of responses
     */
    public SalesforceOrgs(
            CamelContext context,
            Clock clock,
            EgressRules rules,
            NameResolver names,
            RefreshTokens refreshTokens,
            Ledger ledger) {
        this(new OrgDependencies(
                context,
                clock,
                rules,
                names,
                LOGIN_TIMEOUT,
                refreshTokens,
                new ScheduledExecutorScheduler("salesforce-timer", true),
                new SharedBudget(MOST_OPEN, MOST_OPEN_OF_ONE),
                ledger));
    }

    SalesforceOrgs(OrgDependencies dependencies) {
        this.dependencies = dependencies;
        LifeCycle.start(dependencies.timer());
    }

    /** The connection of a delivery to Salesforce. */
    static SalesforceConnection connection(Delivery delivery) {
        return ((Authentication.Salesforce) delivery.webhook().delivery().authentication()).connection();
    }

    /** Makes orgs that are opened from now on use a proxy. */
    public void useProxy(EgressProxy through) {
        proxy = through;
    }

    Ledger ledger() {
        return dependencies.ledger();
    }

    Clock clock() {
        return dependencies.clock();
    }

    /**
     * The connection's org, open until released. If the account has the most open orgs, closes its least recently used
     * one.
     *
     * @throws NothingSentException if all open orgs of the account are in use
     */
    SalesforceOrg lease(SalesforceConnection connection) {
        while (true) {
            Optional<SalesforceOrg> org =
                    Optional.ofNullable(orgs.get(connection)).or(() -> open(connection));
            if (org.isPresent() && org.get().lease()) {
                return org.get();
            }
            org.ifPresent(closed -> orgs.remove(connection, closed));
        }
    }

    /** Opens an org; empty if another one had to be closed first. */
    private Optional<SalesforceOrg> open(SalesforceConnection connection) {
        SharedBudget.Share share = dependencies.open().of(connection.account());
        if (share.tryAcquire(1)) {
            SalesforceOrg made = make(connection, share);
            SalesforceOrg other = orgs.putIfAbsent(connection, made);
            if (other != null) {
                made.retire();
            }
            return Optional.of(other == null ? made : other);
        }
        if (closeUnused(connection.account(), false) || closeUnused(connection.account(), true)) {
            return Optional.empty();
        }
        throw new NothingSentException(
                "Other Salesforce orgs of this account are in use, as many as can be open at a time",
                dependencies.clock().instant().plus(ROOM_RETRY));
    }

    private SalesforceOrg make(SalesforceConnection connection, SharedBudget.Share share) {
        try {
            return new SalesforceOrg(
                    scheme(connection),
                    connection,
                    dependencies,
                    caches(connection),
                    Optional.ofNullable(proxy),
                    () -> share.release(1));
        } catch (RuntimeException | Error e) {
            share.release(1);
            throw e;
        }
    }

    /**
     * Closes the least recently used org that is not in use.
     *
     * @param evenIfPaused whether a paused one may be closed too
     */
    private boolean closeUnused(String account, boolean evenIfPaused) {
        return orgs.entrySet().stream()
                .filter(entry -> entry.getKey().account().equals(account))
                .sorted(Comparator.comparing(entry -> entry.getValue().lastUsed()))
                .anyMatch(entry ->
                        entry.getValue().retireIfUnused(evenIfPaused) && orgs.remove(entry.getKey(), entry.getValue()));
    }

    /** The state of the connection's org; an empty one if it is not open. */
    OrgState state(SalesforceConnection connection) {
        SalesforceOrg org = orgs.get(connection);
        return org != null ? org.state() : closed(connection);
    }

    private OrgState closed(SalesforceConnection connection) {
        OrgSession none = new OrgSession(
                () -> CompletableFuture.failedFuture(LoginFault.passing("the connection is closed")),
                dependencies.clock());
        OrgObjects nothing = new OrgObjects(
                object -> CompletableFuture.failedFuture(new DescribeFault("the connection is closed", false)),
                dependencies.clock());
        return new OrgState(none, new OrgLimits(dependencies.clock()), nothing, caches(connection));
    }

    /** The caches of a connection's org. */
    OrgCaches caches(SalesforceConnection connection) {
        return caches.computeIfAbsent(
                Key.of(connection),
                key -> OrgCaches.empty(
                        key.name() + " " + key.loginUrl() + " ",
                        accounts.computeIfAbsent(key.account(), any -> OrgCaches.AccountCaches.empty()),
                        dependencies.clock()));
    }

    /** Closes the orgs of all other connections, each after its calls in flight. */
    public void retain(Set<SalesforceConnection> connections) {
        orgs.forEach((connection, org) -> {
            if (!connections.contains(connection) && orgs.remove(connection, org)) {
                org.retire();
            }
        });
        caches.keySet().retainAll(connections.stream().map(Key::of).collect(Collectors.toSet()));
        accounts.keySet()
                .retainAll(
                        connections.stream().map(SalesforceConnection::account).collect(Collectors.toSet()));
    }

    /** Closes idle orgs; call once a minute. Does not block. */
    public void closeIdle() {
        orgs.forEach((connection, org) -> {
            if (org.retireIfIdle(IDLE)) {
                orgs.remove(connection, org);
            }
        });
    }

    @Override
    public void close() {
        retain(Set.of());
        LifeCycle.stop(dependencies.timer());
    }

    /** A readable, unique name for logs and JMX: {@code salesforce-acme-sales-1}. */
    private String scheme(SalesforceConnection connection) {
        String name = connection.account() + "-" + connection.name();
        return "salesforce-" + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-") + "-"
                + made.incrementAndGet();
    }
}
