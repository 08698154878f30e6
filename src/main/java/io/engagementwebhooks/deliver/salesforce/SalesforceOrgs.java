package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.egress.EgressProxy;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.net.InetAddress;
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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;

/**
 * The orgs in use, one instance of Camel's Salesforce component per connection. Each is created on first use under
 * its own scheme; a changed connection gets a new component. Thread-safe.
 */
public final class SalesforceOrgs implements AutoCloseable {

    /** A separate time-out, outside the deadline of the call (semantics 15). */
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(10);

    /** Each has separate threads. One account alone leaves room for others. */
    private static final int MOST_OPEN = 200;

    private static final int MOST_OPEN_OF_ONE = 100;

    private static final Duration ROOM_RETRY = Duration.ofSeconds(2);

    /** Unused for so long, an org is closed; the next delivery opens it again, with a login. */
    private static final Duration IDLE = Duration.ofMinutes(15);

    /** Which org it is, whatever it is logged in with. */
    private record Key(String account, String name, URI loginUrl) {
        static Key of(SalesforceConnection connection) {
            return new Key(connection.account(), connection.name(), connection.loginUrl());
        }
    }

    private final OrgDependencies around;
    private final Map<SalesforceConnection, SalesforceOrg> orgs = new ConcurrentHashMap<>();
    private final Map<Key, OrgCaches> memories = new ConcurrentHashMap<>();
    private final Map<String, OrgCaches.OfAccount> accounts = new ConcurrentHashMap<>();
    private final AtomicLong made = new AtomicLong();
    private volatile EgressProxy proxy;

    /**
     * @param context where the components live
     * @param clock for holds and pauses
     * @param plainHttpAllowed whether a URL may be called by the egress rules, as far as that is known without resolving
     * @param refusal why an address must not be connected to; empty: it may
     * @param names finds the addresses of orgs
     * @param refreshTokens keeps refresh tokens that took the place of others
     * @param ledger of the memory that answers take
     */
    public SalesforceOrgs(
            CamelContext context,
            Clock clock,
            Predicate<URI> plainHttpAllowed,
            Function<InetAddress, Optional<String>> refusal,
            NameResolver names,
            RefreshTokens refreshTokens,
            Ledger ledger) {
        this(new OrgDependencies(
                context,
                clock,
                plainHttpAllowed,
                refusal,
                names,
                LOGIN_TIMEOUT,
                refreshTokens,
                new InFlightCalls(),
                new SharedBudget(MOST_OPEN, MOST_OPEN_OF_ONE),
                ledger));
    }

    SalesforceOrgs(OrgDependencies around) {
        this.around = around;
    }

    /** Sends everything to orgs that are opened from now on through a proxy. */
    public void goThrough(EgressProxy through) {
        proxy = through;
    }

    Ledger ledger() {
        return around.ledger();
    }

    Clock clock() {
        return around.clock();
    }

    /** The calls in flight. */
    InFlightCalls calls() {
        return around.calls();
    }

    /**
     * The connection's org, kept open until it is released. Where the account has no room for one more, the one that was
     * not used for the longest is closed.
     *
     * @throws NothingSentException if the account's orgs are all in use, and too many
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

    /** Empty: there was no room, which has been made. */
    private Optional<SalesforceOrg> open(SalesforceConnection connection) {
        SharedBudget.Share share = around.open().of(connection.account());
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
                around.clock().instant().plus(ROOM_RETRY));
    }

    private SalesforceOrg make(SalesforceConnection connection, SharedBudget.Share share) {
        try {
            return new SalesforceOrg(
                    scheme(connection),
                    connection,
                    around,
                    memory(connection),
                    Optional.ofNullable(proxy),
                    () -> share.release(1));
        } catch (RuntimeException | Error e) {
            share.release(1);
            throw e;
        }
    }

    /** Closes the one that was not used for the longest. @param held whether one is closed too that must not be called now */
    private boolean closeUnused(String account, boolean held) {
        return orgs.entrySet().stream()
                .filter(entry -> entry.getKey().account().equals(account))
                .sorted(Comparator.comparing(entry -> entry.getValue().lastUsed()))
                .anyMatch(entry ->
                        entry.getValue().retireIfUnused(held) && orgs.remove(entry.getKey(), entry.getValue()));
    }

    /** How things stand with the connection's org; nothing is known if it is not open now. */
    OrgState state(SalesforceConnection connection) {
        SalesforceOrg org = orgs.get(connection);
        return org != null ? org.state() : closed(connection);
    }

    private OrgState closed(SalesforceConnection connection) {
        OrgSession none = new OrgSession(
                () -> CompletableFuture.failedFuture(LoginFault.passing("the connection is closed")), around.clock());
        OrgObjects nothing = new OrgObjects(
                object -> CompletableFuture.failedFuture(new DescribeFault("the connection is closed", false)),
                around.clock());
        return new OrgState(none, new OrgLimits(around.clock()), nothing, memory(connection));
    }

    /** What outlives an idle org. */
    OrgCaches memory(SalesforceConnection connection) {
        return memories.computeIfAbsent(
                Key.of(connection),
                key -> OrgCaches.empty(
                        key.name() + " " + key.loginUrl() + " ",
                        accounts.computeIfAbsent(key.account(), any -> OrgCaches.OfAccount.empty()),
                        around.clock()));
    }

    /** Closes the orgs of all other connections, each when its calls in flight are done. */
    public void retain(Set<SalesforceConnection> connections) {
        orgs.forEach((connection, org) -> {
            if (!connections.contains(connection) && orgs.remove(connection, org)) {
                org.retire();
            }
        });
        memories.keySet().retainAll(connections.stream().map(Key::of).collect(Collectors.toSet()));
        accounts.keySet()
                .retainAll(
                        connections.stream().map(SalesforceConnection::account).collect(Collectors.toSet()));
    }

    /** Closes the orgs that were idle for a while: to be called once a minute. Does not wait. */
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
    }

    /** Speaks in logs and JMX, and never comes twice: {@code salesforce-acme-sales-1}. */
    private String scheme(SalesforceConnection connection) {
        String name = connection.account() + "-" + connection.name();
        return "salesforce-" + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-") + "-"
                + made.incrementAndGet();
    }
}
