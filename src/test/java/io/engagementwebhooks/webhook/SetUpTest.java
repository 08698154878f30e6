package io.engagementwebhooks.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Ids;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SetUpTest {

    @Test
    void webhooks_match_by_exact_type_prefix_and_star_in_the_order_of_the_file() {
        SetUp setUp = of(
                webhook("acme", "all", "*"),
                webhook("acme", "ended", "call.ended"),
                webhook("acme", "calls", "call.*"),
                webhook("acme", "ended-too", "call.missed", "call.ended"),
                webhook("acme", "forms", "form.*"));
        assertEquals(List.of("all", "ended", "calls", "ended-too"), matching(setUp, "acme", "call.ended"));
        assertEquals(List.of("all", "calls"), matching(setUp, "acme", "call.transcript.ready"));
        assertEquals(List.of("all"), matching(setUp, "acme", "call"));
    }

    @Test
    void a_webhook_that_asks_twice_for_a_type_matches_once() {
        SetUp setUp = of(webhook("acme", "one", "call.*", "*", "call.ended"));
        assertEquals(List.of("one"), matching(setUp, "acme", "call.ended"));
    }

    @Test
    void the_index_finds_what_each_webhooks_own_rule_says() {
        List<String> patterns = List.of("*", "a", "a.*", "a.b", "a.b.*", "a.b.c", "ab.*", "b");
        List<Webhook> webhooks = new ArrayList<>();
        patterns.forEach(pattern -> webhooks.add(webhook("acme", "of " + pattern, pattern)));
        SetUp setUp = of(webhooks.toArray(Webhook[]::new));
        for (String type : List.of("a", "a.", "a.b", "a.b.c", "a.b.c.d", "ab", "ab.c", "b", "b.a", "", ".", "a..b")) {
            List<String> expected = webhooks.stream()
                    .filter(webhook -> webhook.events().match(type))
                    .map(Webhook::name)
                    .toList();
            assertEquals(expected, matching(setUp, "acme", type), type);
        }
    }

    @Test
    void webhooks_of_another_account_never_match() {
        SetUp setUp = of(webhook("acme", "one", "*"), webhook("other", "two", "*"));
        assertEquals(List.of("one"), matching(setUp, "acme", "call.ended"));
        assertEquals(List.of(), matching(setUp, "nobody", "call.ended"));
    }

    @Test
    void a_key_tells_account_and_role_and_a_strange_key_nobody() {
        SetUp setUp = new SetUp(List.of(account("acme", "acme-key"), account("other", "other-key")), things());
        Optional<Caller> caller = setUp.caller("other-key");
        assertEquals("other", caller.orElseThrow().account().id());
        assertEquals(ApiKey.Role.ADMIN, caller.orElseThrow().key().role());
        assertTrue(setUp.caller("other-kez").isEmpty());
        assertTrue(setUp.caller("").isEmpty());
    }

    @Test
    void an_account_from_elsewhere_joins_the_file_without_hiding_its_keys() {
        SetUp setUp = new SetUp(List.of(account("default", "from-the-file")), things())
                .with(account("default", "first-key"))
                .with(account("acme", "acme-key"));
        assertEquals(
                "default", setUp.caller("from-the-file").orElseThrow().account().id());
        assertEquals(
                "default", setUp.caller("first-key").orElseThrow().account().id());
        assertEquals(Set.of("default", "acme"), setUp.accounts().keySet());
    }

    @Test
    void one_id_cannot_name_two_webhooks() {
        assertThrows(
                IllegalArgumentException.class,
                () -> of(webhook("acme", "one", "*"), webhook("acme", "one", "call.*")));
    }

    @Test
    void a_webhook_is_found_by_its_id_and_by_its_name_in_its_account_only() {
        SetUp setUp = of(webhook("acme", "one", "*"), webhook("other", "one", "*"))
                .identified(Map.of(
                        SetUp.key("acme", ThingKind.WEBHOOK, "one"), "wh_1",
                        SetUp.key("other", ThingKind.WEBHOOK, "one"), "wh_2",
                        SetUp.key("acme", ThingKind.OAUTH_CLIENT, "crm"), "oc_3"));
        WebhookId one = new WebhookId("acme", "wh_1", "one");
        assertEquals(one, setUp.webhook("acme", "wh_1").orElseThrow().id());
        assertEquals(one, setUp.webhook("acme", "one").orElseThrow().id());
        assertEquals("one", setUp.webhook(one).orElseThrow().name());
        assertEquals(Optional.empty(), setUp.webhook("acme", "wh_2"));
        assertEquals(Optional.empty(), setUp.webhook("acme", "two"));
        assertEquals(Optional.empty(), setUp.webhook(Ids.webhook("acme", "one")));
        assertEquals(Optional.of("wh_1"), setUp.id("acme", ThingKind.WEBHOOK, "one"));
        assertEquals(Optional.of("one"), setUp.name("acme", ThingKind.WEBHOOK, "wh_1"));
        assertEquals(Optional.of("oc_3"), setUp.id("acme", ThingKind.OAUTH_CLIENT, "crm"));
        assertEquals(Optional.of("crm"), setUp.name("acme", ThingKind.OAUTH_CLIENT, "oc_3"));
        assertEquals(Optional.empty(), setUp.name("other", ThingKind.OAUTH_CLIENT, "oc_3"));
        assertEquals(Optional.empty(), setUp.name("acme", ThingKind.CONNECTION, "oc_3"));
    }

    @Test
    void nothing_is_found_where_nothing_is_set_up() {
        assertTrue(SetUp.empty().caller("any").isEmpty());
        assertFalse(SetUp.empty().webhook(Ids.webhook("a", "b")).isPresent());
        assertEquals(List.of(), SetUp.empty().matching("a", "b"));
    }

    private static List<String> matching(SetUp setUp, String account, String type) {
        return setUp.matching(account, type).stream().map(Webhook::name).toList();
    }

    private static SetUp of(Webhook... webhooks) {
        return new SetUp(List.of(), things(webhooks));
    }

    private static SetUp.Things things(Webhook... webhooks) {
        return new SetUp.Things(List.of(), List.of(), List.of(), List.of(webhooks));
    }

    private static Account account(String id, String key) {
        return new Account(id, List.of(ApiKey.of("key", ApiKey.Role.ADMIN, Secret.of(key))), List.of());
    }

    private static Webhook webhook(String account, String name, String... types) {
        Target target = new Target.Http(
                URI.create("https://a.example.com"), "POST", new Body.WholeEvent(), Map.of(), Signing.NONE);
        DeliveryMethod delivery = new DeliveryMethod(
                target,
                new Authentication.None(),
                DeliveryMethod.DEFAULT_TIMEOUT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        RetrySchedule retry = RetrySchedule.STANDARD;
        return new Webhook(
                Ids.webhook(account, name),
                new EventTypes(List.of(types)),
                Optional.empty(),
                delivery,
                retry,
                retry.span(),
                Set.of());
    }
}
