package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.ledger.Ledger;
import java.time.Clock;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * Dependencies of every {@link SalesforceOrg}.
 *
 * @param egress sends requests
 * @param rules the egress rules
 * @param clock for holds and pauses
 * @param loginTimeout the timeout of a login
 * @param refreshTokens stores rotated refresh tokens
 * @param ledger accounts for the memory of responses
 * @param threads read responses and refresh tokens, by account
 */
public record OrgDependencies(
        EgressClient egress,
        EgressRules rules,
        Clock clock,
        Duration loginTimeout,
        RefreshTokens refreshTokens,
        Ledger ledger,
        BiConsumer<String, Runnable> threads) {}
