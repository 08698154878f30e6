package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.Target;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A mock org and the route that delivers to it, for each test. */
@Timeout(300)
abstract class SalesforceFixture {

    final SalesforceStandIn org = SalesforceStandIn.start();
    SalesforceBranch branch;

    SalesforceFixture() {
        this(new SalesforceBranch());
    }

    SalesforceFixture(SalesforceBranch branch) {
        this.branch = branch;
    }

    @AfterEach
    void stop() {
        // ends calls that the route waits for
        org.close();
        branch.close();
    }

    Outcome send(Target target, String event) {
        return DeliveryContext.outcome(branch.send(branch.delivery(SalesforceBranch.connection(org), target, event)));
    }
}
