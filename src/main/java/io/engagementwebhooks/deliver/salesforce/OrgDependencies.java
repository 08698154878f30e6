package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.SharedBudget;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;

/**
 * Dependencies of every {@link SalesforceOrg}.
 *
 * @param context context of the components
 * @param clock for holds and pauses
 * @param plainHttpAllowed whether the egress rules allow a URL
 * @param refusal why an address is refused; empty if it is allowed
 * @param names resolves the addresses of orgs
 * @param loginTimeout the timeout of a login
 * @param refreshTokens stores rotated refresh tokens
 * @param calls the calls in flight
 * @param open limits open orgs per account
 * @param ledger accounts for the memory of responses
 */
record OrgDependencies(
        CamelContext context,
        Clock clock,
        Predicate<URI> plainHttpAllowed,
        Function<InetAddress, Optional<String>> refusal,
        NameResolver names,
        Duration loginTimeout,
        RefreshTokens refreshTokens,
        InFlightCalls calls,
        SharedBudget open,
        Ledger ledger) {}
