package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.operate.health.ExpiringCredentials;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Refresh tokens that no delivery uses (semantics 51). */
class KeepAliveTest {

    private static final Duration WEEK = Duration.ofDays(7);

    @AutoClose
    private final SalesforceStandIn org = SalesforceStandIn.start();

    private final SalesforceBranch.InMemoryRefreshTokens tokens = new SalesforceBranch.InMemoryRefreshTokens();

    @AutoClose
    private final SalesforceBranch branch =
            new SalesforceBranch(SalesforceBranch.LOOPBACK, Duration.ofSeconds(60), tokens);

    private final SalesforceConnection connection = SalesforceBranch.connection(
            org, new SalesforceLogin.RefreshToken(Secret.of("first"), Secret.of(SalesforceStandIn.CLIENT_SECRET)));
    private final Authentication authentication = new Authentication.Salesforce(connection);

    private void keepAlive() {
        branch.orgs.keepAlive(List.of(connection), WEEK);
    }

    private Outcome send() {
        return DeliveryContext.outcome(
                branch.send(branch.delivery(connection, SalesforceBranch.create("Task"), "call-ended")));
    }

    @Test
    void a_token_that_no_delivery_uses_is_used_once() {
        org.acceptRefreshToken("first", false);
        tokens.idle.add(connection);

        keepAlive();
        Awaitility.await().until(() -> tokens.idle.isEmpty());
        keepAlive();

        assertEquals(1, org.logins());
    }

    @Test
    void a_token_is_used_also_while_calls_need_no_login_and_the_rotated_one_replaces_it() {
        org.acceptRefreshToken("first", true);
        assertInstanceOf(Outcome.Delivered.class, send());
        Secret second = tokens.latest(connection).orElseThrow();
        tokens.idle.add(connection);

        keepAlive();
        Awaitility.await().until(() -> org.logins() == 2 && tokens.idle.isEmpty());

        assertFalse(tokens.latest(connection).orElseThrow().reveal().equals(second.reveal()));
        assertInstanceOf(Outcome.Delivered.class, send());
        org.revokeTokens();
        assertInstanceOf(Outcome.Delivered.class, send(), "logs in with the rotated token");
        assertEquals(3, org.logins());
    }

    @Test
    void a_refusal_is_a_credential_fault_at_once() {
        org.acceptRefreshToken("first", false);
        assertInstanceOf(Outcome.Delivered.class, send());
        org.acceptRefreshToken("another", false);
        tokens.idle.add(connection);
        assertEquals(Optional.empty(), branch.orgs.credentialFault(authentication));

        keepAlive();
        Awaitility.await()
                .until(() -> branch.orgs.credentialFault(authentication).isPresent());

        String fault = branch.orgs.credentialFault(authentication).orElseThrow();
        assertTrue(fault.contains("log in for the app again"), fault);
        assertEquals(fault, branch.orgs.status(authentication).orElseThrow().problem());
        assertEquals(
                List.of("Salesforce connection 'sales' of account 'acme': " + fault),
                new ExpiringCredentials(
                                () -> new Config(List.of(), Config.Resources.of(List.of(connection))),
                                branch.orgs,
                                branch.clock)
                        .logDaily());
        assertEquals(fault, assertInstanceOf(Outcome.NotSent.class, send()).reason());
    }

    @Test
    void while_the_login_is_away_calls_use_the_token_that_they_have() {
        org.acceptRefreshToken("first", false);
        assertInstanceOf(Outcome.Delivered.class, send());
        tokens.idle.add(connection);
        org.failNextLogin(503, "", 1);

        keepAlive();
        Awaitility.await().until(() -> branch.orgs
                .status(authentication)
                .map(each -> each.problem())
                .isPresent());

        assertEquals(Optional.empty(), branch.orgs.credentialFault(authentication));
        assertInstanceOf(Outcome.Delivered.class, send());
        assertEquals(Optional.empty(), branch.orgs.status(authentication).map(each -> each.problem()));
        keepAlive();
        Awaitility.await().until(tokens.idle::isEmpty);
    }
}
