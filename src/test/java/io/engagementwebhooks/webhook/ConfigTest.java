package io.engagementwebhooks.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleWebhook;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigTest {

    @Test
    void webhooks_match_by_exact_type_prefix_and_star_in_the_order_of_the_file() {
        Config config = of(
                webhook("acme", "all", "*"),
                webhook("acme", "ended", "call.ended"),
                webhook("acme", "calls", "call.*"),
                webhook("acme", "ended-too", "call.missed", "call.ended"),
                webhook("acme", "forms", "form.*"));
        assertEquals(List.of("all", "ended", "calls", "ended-too"), matching(config, "acme", "call.ended"));
        assertEquals(List.of("all", "calls"), matching(config, "acme", "call.transcript.ready"));
        assertEquals(List.of("all"), matching(config, "acme", "call"));
    }

    @Test
    void a_webhook_with_two_patterns_for_a_type_matches_once() {
        Config config = of(webhook("acme", "one", "call.*", "*", "call.ended"));
        assertEquals(List.of("one"), matching(config, "acme", "call.ended"));
    }

    @Test
    void the_index_matches_like_each_webhooks_patterns() {
        List<String> patterns = List.of("*", "a", "a.*", "a.b", "a.b.*", "a.b.c", "ab.*", "b");
        List<Webhook> webhooks = new ArrayList<>();
        patterns.forEach(pattern -> webhooks.add(webhook("acme", "of " + pattern, pattern)));
        Config config = of(webhooks.toArray(Webhook[]::new));
        for (String type : List.of("a", "a.", "a.b", "a.b.c", "a.b.c.d", "ab", "ab.c", "b", "b.a", "", ".", "a..b")) {
            List<String> expected = webhooks.stream()
                    .filter(webhook -> webhook.events().match(type))
                    .map(Webhook::name)
                    .toList();
            assertEquals(expected, matching(config, "acme", type), type);
        }
    }

    @Test
    void webhooks_of_another_account_never_match() {
        Config config = of(webhook("acme", "one", "*"), webhook("other", "two", "*"));
        assertEquals(List.of("one"), matching(config, "acme", "call.ended"));
        assertEquals(List.of(), matching(config, "unknown", "call.ended"));
    }

    @Test
    void a_known_key_gives_account_and_role_and_an_unknown_key_nothing() {
        Config config = new Config(List.of(account("acme", "acme-key"), account("other", "other-key")), resources());
        Optional<Caller> caller = config.caller("other-key");
        assertEquals("other", caller.orElseThrow().account().id());
        assertEquals(ApiKey.Role.ADMIN, caller.orElseThrow().key().role());
        assertTrue(config.caller("other-kez").isEmpty());
        assertTrue(config.caller("").isEmpty());
    }

    @Test
    void duplicate_webhook_ids_are_refused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> of(webhook("acme", "one", "*"), webhook("acme", "one", "call.*")));
    }

    @Test
    void a_webhook_is_found_by_its_id_and_by_its_name_in_its_account_only() {
        Config config = of(
                webhook("acme", "one", "*").identified("wh_1"),
                webhook("other", "one", "*").identified("wh_2"));
        WebhookId one = new WebhookId("acme", "wh_1", "one");
        assertEquals(one, config.webhook("acme", "wh_1").orElseThrow().id());
        assertEquals(one, config.webhook("acme", "one").orElseThrow().id());
        assertEquals("one", config.webhook(one).orElseThrow().name());
        assertEquals(Optional.empty(), config.webhook("acme", "wh_2"));
        assertEquals(Optional.empty(), config.webhook("acme", "two"));
        assertEquals(Optional.empty(), config.webhook(Ids.webhook("acme", "one")));
    }

    @Test
    void an_empty_configuration_finds_nothing() {
        assertTrue(Config.empty().caller("any").isEmpty());
        assertFalse(Config.empty().webhook(Ids.webhook("a", "b")).isPresent());
        assertEquals(List.of(), Config.empty().matching("a", "b"));
    }

    private static List<String> matching(Config config, String account, String type) {
        return config.matching(account, type).stream().map(Webhook::name).toList();
    }

    private static Config of(Webhook... webhooks) {
        return new Config(List.of(), resources(webhooks));
    }

    private static Config.Resources resources(Webhook... webhooks) {
        return Config.Resources.of(List.of(webhooks));
    }

    private static Account account(String id, String key) {
        return new Account(id, List.of(ApiKey.of("key", ApiKey.Role.ADMIN, Secret.of(key))), List.of());
    }

    private static Webhook webhook(String account, String name, String... types) {
        Target target = new Target.Http(
                URI.create("https://a.example.com"), "POST", new Body.WholeEvent(), Map.of(), Signing.NONE);
        return SampleWebhook.of(account, name, target, types);
    }
}
