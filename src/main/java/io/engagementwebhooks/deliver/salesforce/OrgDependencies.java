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
 * What every org is given.
 *
 * @param context where the components live
 * @param clock for holds and pauses
 * @param plainHttpAllowed whether a URL may be called without TLS: loopback addresses on the allow list
 * @param refusal why an address must not be connected to; empty: it may
 * @param names finds the addresses of orgs
 * @param loginTimeout how long a login may take
 * @param refreshTokens keeps refresh tokens that took the place of others
 * @param calls the calls in flight
 * @param open how many orgs may be open, by account
 * @param ledger of the memory that answers take
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
