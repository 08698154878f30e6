package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;

/** The orgs of the configured connections. A changed connection has another org, which logs in again. Thread-safe. */
public final class SalesforceOrgs implements ConnectionStatus {

    private final OrgDependencies dependencies;
    private final Map<SalesforceConnection, SalesforceOrg> orgs = new ConcurrentHashMap<>();
    private final Map<String, RecentSet> recent = new ConcurrentHashMap<>();

    /** @param context gets the component of orgs */
    public SalesforceOrgs(CamelContext context, OrgDependencies dependencies) {
        this.dependencies = dependencies;
        context.addComponent(OrgComponent.SCHEME, new OrgComponent());
    }

    /** The connection of a delivery to Salesforce. */
    static SalesforceConnection connection(Delivery delivery) {
        return ((Authentication.Salesforce) delivery.webhook().delivery().authentication()).connection();
    }

    Ledger ledger() {
        return dependencies.ledger();
    }

    Clock clock() {
        return dependencies.clock();
    }

    /** The org of a configured connection. */
    SalesforceOrg of(SalesforceConnection connection) {
        return orgs.computeIfAbsent(connection, this::make);
    }

    /** The org of a connection that may not be configured; then it is not kept. */
    SalesforceOrg ofAny(SalesforceConnection connection) {
        SalesforceOrg known = orgs.get(connection);
        return known == null ? make(connection) : known;
    }

    private SalesforceOrg make(SalesforceConnection connection) {
        RecentSet ofAccount = recent.computeIfAbsent(connection.account(), account -> new RecentSet());
        return SalesforceOrg.of(connection, dependencies, ofAccount);
    }

    @Override
    public String type() {
        return "salesforce";
    }

    @Override
    public Optional<Status> status(Authentication connection) {
        SalesforceOrg org = ofAny(((Authentication.Salesforce) connection).connection());
        Optional<NothingSentException> pause = org.limits().current().or(org.session()::fault);
        Optional<OrgLimits.Usage> usage = org.limits().usage();
        if (pause.isEmpty() && usage.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Status(
                pause.map(NothingSentException::getMessage).orElse(null),
                pause.map(NothingSentException::until).orElse(null),
                usage.map(OrgLimits.Usage::used).orElse(null),
                usage.map(OrgLimits.Usage::total).orElse(null),
                usage.map(OrgLimits.Usage::at).orElse(null)));
    }

    @Override
    public Optional<String> credentialFault(Authentication connection) {
        return Optional.ofNullable(orgs.get(((Authentication.Salesforce) connection).connection()))
                .flatMap(org -> org.session().fault())
                .filter(NothingSentException::isLasting)
                .map(NothingSentException::getMessage);
    }

    /**
     * Logs in with refresh tokens that were not used for a time, so that Salesforce does not end them. Blocks on the
     * store.
     */
    public void keepAlive(Collection<SalesforceConnection> connections, Duration idle) {
        for (SalesforceConnection connection : connections) {
            if (connection.login() instanceof SalesforceLogin.RefreshToken) {
                OrgSession session = of(connection).session();
                if (session.fault().isEmpty() && dependencies.refreshTokens().claimIdle(connection, idle)) {
                    session.renew();
                }
            }
        }
    }

    /** Removes the orgs of all other connections. Their calls in flight continue. */
    public void retain(Set<SalesforceConnection> connections) {
        orgs.keySet().retainAll(connections);
        recent.keySet()
                .retainAll(
                        connections.stream().map(SalesforceConnection::account).collect(Collectors.toSet()));
    }
}
