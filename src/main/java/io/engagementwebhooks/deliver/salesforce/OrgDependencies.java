package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.SharedBudget;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Dependencies of every {@link SalesforceOrg}.
 *
 * @param context context of the components
 * @param clock for holds and pauses
 * @param rules the egress rules
 * @param names resolves the addresses of orgs
 * @param loginTimeout the timeout of a login
 * @param refreshTokens stores rotated refresh tokens
 * @param timer for the timeouts of all orgs
 * @param open limits open orgs per account
 * @param ledger accounts for the memory of responses
 */
record OrgDependencies(
        CamelContext context,
        Clock clock,
        EgressRules rules,
        NameResolver names,
        Duration loginTimeout,
        RefreshTokens refreshTokens,
        Scheduler timer,
        SharedBudget open,
        Ledger ledger) {}
