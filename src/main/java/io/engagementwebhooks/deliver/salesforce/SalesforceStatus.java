package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.Optional;

/** Status of orgs: why they are paused, and their used API requests. Thread-safe. */
public final class SalesforceStatus implements ConnectionStatus {

    private final SalesforceOrgs orgs;

    public SalesforceStatus(SalesforceOrgs orgs) {
        this.orgs = orgs;
    }

    @Override
    public String type() {
        return "salesforce";
    }

    @Override
    public Optional<Status> status(Authentication connection) {
        SalesforceConnection asked = ((Authentication.Salesforce) connection).connection();
        OrgState org = orgs.state(asked);
        Optional<NothingSentException> held = org.limits().current().or(org.session()::fault);
        Optional<OrgUsage.Usage> usage = org.caches().usage().last();
        if (held.isEmpty() && usage.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Status(
                held.map(NothingSentException::getMessage).orElse(null),
                held.map(NothingSentException::until).orElse(null),
                usage.map(OrgUsage.Usage::used).orElse(null),
                usage.map(OrgUsage.Usage::total).orElse(null),
                usage.map(OrgUsage.Usage::at).orElse(null)));
    }
}
