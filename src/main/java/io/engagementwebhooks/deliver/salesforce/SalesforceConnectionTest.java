package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.ConnectionReport;
import io.engagementwebhooks.deliver.ConnectionReport.Finding;
import io.engagementwebhooks.deliver.ConnectionReport.Level;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Webhook;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Tries a connection to a Salesforce org out: logs in, as a delivery would. Thread-safe. */
public final class SalesforceConnectionTest implements ConnectionTest {

    private final SalesforceOrgs orgs;

    public SalesforceConnectionTest(SalesforceOrgs orgs) {
        this.orgs = orgs;
    }

    @Override
    public String type() {
        return "salesforce";
    }

    @Override
    public CompletionStage<ConnectionReport> test(Authentication connection, List<Webhook> webhooks) {
        SalesforceOrg org = orgs.lease(((Authentication.Salesforce) connection).connection());
        return org.open()
                .handle((token, failure) -> new ConnectionReport(List.of(
                        failure == null
                                ? Finding.of(Level.OK, "Salesforce took the login")
                                : Finding.of(Level.FAULT, failure.getMessage()))))
                .whenComplete((report, failure) -> org.release());
    }
}
