package io.engagementwebhooks.webhook.signing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.SampleWebhook;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.template.Body;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SigningKeyExpiryTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Instant SOON = NOW.plus(Duration.ofDays(2));
    private static final Instant LATER = NOW.plus(Duration.ofDays(30));

    @Test
    void a_key_without_expiry_or_with_a_late_one_is_not_reported() {
        assertEquals(List.of(), endings(key(Instant.MIN, Instant.MAX)));
        assertEquals(List.of(), endings(key(Instant.MIN, LATER)));
        assertEquals(List.of(), endings(key(Instant.MIN, NOW.plus(SigningKeyExpiry.AHEAD))));
    }

    @Test
    void the_last_key_that_ends_soon_is_reported_with_its_time() {
        assertEquals(
                List.of(
                        "account 'acme': from 2026-11-26T12:00:00Z on no signing key signs, and requests are sent unsigned"
                                + " (add a key to 'signingKeys', or move the 'until' of one)"),
                endings(key(Instant.MIN, NOW.plusSeconds(1)), key(Instant.MIN, SOON)));
    }

    @Test
    void a_successor_in_time_is_not_reported_and_a_gap_is() {
        assertEquals(List.of(), endings(key(Instant.MIN, SOON), key(SOON, Instant.MAX)));
        assertEquals(
                1,
                endings(key(Instant.MIN, SOON), key(SOON.plusNanos(1), Instant.MAX))
                        .size());
    }

    @Test
    void keys_that_are_all_expired_or_not_valid_yet_are_reported() {
        String now = "account 'acme': no signing key signs now, and requests are sent unsigned"
                + " (add a key to 'signingKeys', or move the 'until' of one)";
        assertEquals(List.of(now), endings(key(Instant.MIN, NOW)));
        assertEquals(List.of(now), endings(key(SOON, Instant.MAX)));
    }

    @Test
    void an_account_is_notified_once_and_a_webhook_with_own_keys_by_name() {
        SigningKey ending = key(Instant.MIN, SOON);
        SigningKey own = new SigningKey("own", SigningKey.Scheme.V1, secret(), new Validity(Instant.MIN, SOON));
        Config config = config(
                List.of(ending),
                webhook("a", new Signing(Signing.Form.STANDARD, List.of(ending))),
                webhook("b", new Signing(Signing.Form.BOTH, List.of(ending))),
                webhook("c", new Signing(Signing.Form.STANDARD, List.of(own))),
                webhook("d", new Signing(Signing.Form.NONE, List.of(ending))),
                webhook("e", new Signing(Signing.Form.STANDARD, List.of())));
        assertEquals(
                List.of("account 'acme'", "webhook 'c' of account 'acme'"),
                SigningKeyExpiry.of(config, NOW).endings().stream()
                        .map(SigningKeyExpiry.Ending::resource)
                        .toList());
    }

    @Test
    void own_requests_to_a_third_party_are_checked_too() {
        SigningKey ending = key(Instant.MIN, SOON);
        Target.Http request = new Target.Http(
                URI.create("/services/apexrest/calls"),
                "POST",
                new Body.WholeEvent(),
                Map.of(),
                new Signing(Signing.Form.STANDARD, List.of(ending)));
        Config config = config(List.of(), webhook("a", new Target.OwnRequest(request)));
        assertEquals(1, SigningKeyExpiry.of(config, NOW).endings().size());
    }

    @Test
    void a_key_that_ends_before_it_begins_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> new Validity(NOW, NOW));
    }

    private static List<String> endings(SigningKey... keys) {
        Config config = config(List.of(keys), webhook("a", new Signing(Signing.Form.STANDARD, List.of(keys))));
        return SigningKeyExpiry.of(config, NOW).endings().stream()
                .map(ending -> ending.text(NOW))
                .toList();
    }

    private static SigningKey key(Instant from, Instant until) {
        return new SigningKey("k", SigningKey.Scheme.V1, secret(), new Validity(from, until));
    }

    private static Secret secret() {
        return HmacKey.generate(new SecureRandom()).text();
    }

    private static Config config(List<SigningKey> keys, Webhook... webhooks) {
        return new Config(List.of(new Account("acme", List.of(), keys)), Config.Resources.of(List.of(webhooks)));
    }

    private static Webhook webhook(String name, Signing signing) {
        return webhook(
                name,
                new Target.Http(URI.create("https://a.example.com"), "POST", new Body.WholeEvent(), Map.of(), signing));
    }

    private static Webhook webhook(String name, Target target) {
        return SampleWebhook.of("acme", name, target);
    }
}
