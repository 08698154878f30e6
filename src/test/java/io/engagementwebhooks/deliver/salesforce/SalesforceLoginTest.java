package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.testkit.TestKeys;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.Secret;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Each kind of login, with a token endpoint as strict as Salesforce. */
class SalesforceLoginTest extends SalesforceFixture {

    private static final String AUDIENCE = "https://login.salesforce.com";
    private static final String USER = "calls@acme.example";

    private static final KeyPair KEYS = TestKeys.rsa(2048);

    private static Secret pem() {
        String base64 = Base64.getMimeEncoder().encodeToString(KEYS.getPrivate().getEncoded());
        return Secret.of("-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n");
    }

    private Outcome send(SalesforceLogin login) {
        return send(SalesforceBranch.connection(org, login));
    }

    private Outcome send(SalesforceConnection connection) {
        return DeliveryContext.outcome(
                branch.send(branch.delivery(connection, SalesforceBranch.create("Task"), "call-ended")));
    }

    private static SalesforceLogin jwt(String user, String audience) {
        return new SalesforceLogin.JwtBearer(pem(), user, audience);
    }

    @Test
    void a_signed_token_logs_in() {
        org.acceptJwt((RSAPublicKey) KEYS.getPublic(), USER, AUDIENCE, branch.clock);

        assertInstanceOf(Outcome.Delivered.class, send(jwt(USER, AUDIENCE)));
        branch.clock.pass(Duration.ofHours(3));
        org.revokeTokens();
        assertInstanceOf(Outcome.Delivered.class, send(jwt(USER, AUDIENCE)), "signed again, with a new end");
        assertEquals(2, org.logins());
    }

    @Test
    void a_refused_assertion_is_reported_with_advice() {
        org.acceptJwt((RSAPublicKey) KEYS.getPublic(), USER, AUDIENCE, branch.clock);

        for (SalesforceLogin wrong :
                new SalesforceLogin[] {jwt("other@acme.example", AUDIENCE), jwt(USER, "https://test.salesforce.com")}) {
            Outcome.NotSent outcome = assertInstanceOf(Outcome.NotSent.class, send(wrong));
            assertTrue(outcome.reason().contains("400 invalid_grant"), outcome.reason());
            assertTrue(outcome.reason().contains("approved for it in advance"), outcome.reason());
            assertFalse(outcome.reason().contains("PRIVATE"), outcome.reason());
        }
    }

    @Test
    void a_refresh_token_logs_in_and_logs_in_again() {
        org.acceptRefreshToken("first", false);
        SalesforceLogin login =
                new SalesforceLogin.RefreshToken(Secret.of("first"), Secret.of(SalesforceStandIn.CLIENT_SECRET));

        assertInstanceOf(Outcome.Delivered.class, send(login));
        org.revokeTokens();
        assertInstanceOf(Outcome.Delivered.class, send(login));
    }

    @Test
    void a_rotated_refresh_token_replaces_the_used_one() {
        org.acceptRefreshToken("first", true);
        SalesforceLogin login =
                new SalesforceLogin.RefreshToken(Secret.of("first"), Secret.of(SalesforceStandIn.CLIENT_SECRET));

        for (int logins = 1; logins <= 3; logins++) {
            assertInstanceOf(Outcome.Delivered.class, send(login));
            assertEquals(logins, org.logins());
            org.revokeTokens();
        }
    }

    /** A rotated refresh token is valid once: if two instances used it, the connection would be lost. */
    @Test
    void two_instances_that_log_in_at_the_same_moment_use_a_refresh_token_once() throws Exception {
        org.acceptRefreshToken("first", true);
        SalesforceConnection connection = SalesforceBranch.connection(
                org, new SalesforceLogin.RefreshToken(Secret.of("first"), Secret.of(SalesforceStandIn.CLIENT_SECRET)));
        RefreshTokens shared = new SalesforceBranch.InMemoryRefreshTokens();
        Duration patience = Duration.ofSeconds(60);
        boolean delivered = false;
        ExecutorService both = Executors.newFixedThreadPool(2);
        try (SalesforceBranch one = new SalesforceBranch(SalesforceBranch.LOOPBACK, patience, shared);
                SalesforceBranch other = new SalesforceBranch(SalesforceBranch.LOOPBACK, patience, shared)) {
            for (int round = 0; round < 10; round++) {
                CyclicBarrier start = new CyclicBarrier(2);
                List<Future<Outcome>> sending = new ArrayList<>();
                for (SalesforceBranch instance : List.of(one, other)) {
                    sending.add(both.submit(() -> {
                        start.await();
                        return DeliveryContext.outcome(instance.send(
                                instance.delivery(connection, SalesforceBranch.create("Task"), "call-ended")));
                    }));
                }
                for (Future<Outcome> each : sending) {
                    // a new access token may invalidate the other's, but the connection stays
                    Outcome outcome = each.get(60, TimeUnit.SECONDS);
                    assertFalse(outcome.toString().contains("log in for the app again"), outcome.toString());
                    delivered |= outcome instanceof Outcome.Delivered;
                }
                one.clock.pass(Duration.ofHours(1));
                other.clock.pass(Duration.ofHours(1));
                org.revokeTokens();
            }
            assertTrue(delivered);
        } finally {
            both.shutdownNow();
        }
    }

    @Test
    void a_refresh_token_that_cannot_be_read_is_not_locked_for_the_next_login() throws Exception {
        org.acceptRefreshToken("first", true);
        SalesforceConnection connection = SalesforceBranch.connection(
                org, new SalesforceLogin.RefreshToken(Secret.of("first"), Secret.of(SalesforceStandIn.CLIENT_SECRET)));
        AtomicBoolean isDown = new AtomicBoolean(true);
        RefreshTokens shared = new SalesforceBranch.InMemoryRefreshTokens() {
            @Override
            public Optional<Secret> latest(SalesforceConnection ofConnection) {
                if (isDown.get()) {
                    throw new StoreException("the database is down", null);
                }
                return super.latest(ofConnection);
            }
        };
        try (SalesforceBranch instance =
                new SalesforceBranch(SalesforceBranch.LOOPBACK, Duration.ofSeconds(60), shared)) {
            Delivery delivery = instance.delivery(connection, SalesforceBranch.create("Task"), "call-ended");
            assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(instance.send(delivery)));
            isDown.set(false);
            assertTrue(shared.begin(connection, Duration.ofSeconds(60)), "the lock is free");
        }
    }

    @Test
    void a_refresh_token_that_was_revoked_asks_a_person_to_log_in_again() {
        Outcome.NotSent outcome = assertInstanceOf(
                Outcome.NotSent.class,
                send(new SalesforceLogin.RefreshToken(
                        Secret.of("used-up"), Secret.of(SalesforceStandIn.CLIENT_SECRET))));
        assertTrue(outcome.reason().contains("log in for the app again"), outcome.reason());
        assertFalse(outcome.reason().contains("used-up"), outcome.reason());
        assertEquals(SalesforceBranch.START.plus(Duration.ofMinutes(5)), outcome.until());
    }

    @Test
    void user_and_password_log_in_if_the_org_allows_it() {
        SalesforceLogin login = new SalesforceLogin.Password(
                Secret.of(SalesforceStandIn.CLIENT_SECRET), USER, Secret.of("password+token"));

        Outcome.NotSent outcome = assertInstanceOf(Outcome.NotSent.class, send(login));
        assertTrue(outcome.reason().contains("whether the org allows this login still"), outcome.reason());

        org.acceptPassword(USER, "password+token");
        branch.clock.pass(Duration.ofMinutes(5));
        assertInstanceOf(Outcome.Delivered.class, send(login));
    }

    @Test
    void client_credentials_on_a_shared_login_host_are_referred_to_the_my_domain() {
        org.becomeSharedLoginHost();

        Outcome.NotSent outcome = assertInstanceOf(Outcome.NotSent.class, send(SalesforceBranch.connection(org)));
        assertTrue(outcome.reason().contains("My Domain"), outcome.reason());
    }

    @Test
    void a_rate_limit_of_logins_is_temporary() {
        org.failNextLogin(400, "rate_limit_exceeded", 1);

        Outcome.NotSent outcome = assertInstanceOf(Outcome.NotSent.class, send(SalesforceBranch.connection(org)));
        assertEquals(SalesforceBranch.START.plusSeconds(10), outcome.until());
    }
}
