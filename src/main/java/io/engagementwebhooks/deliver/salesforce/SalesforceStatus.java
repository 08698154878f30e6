package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.Optional;

/** Status of orgs: why they are on hold, and how many of their daily requests are used. Thread-safe. */
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
        Optional<OrgUnavailable> held = org.limits().reached().or(org.session()::fault);
        Optional<OrgUsage.Seen> usage = org.memory().usage().last();
        if (held.isEmpty() && usage.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Status(
                held.map(OrgUnavailable::getMessage).orElse(null),
                held.map(OrgUnavailable::until).orElse(null),
                usage.map(OrgUsage.Seen::used).orElse(null),
                usage.map(OrgUsage.Seen::total).orElse(null),
                usage.map(OrgUsage.Seen::at).orElse(null)));
    }
}
