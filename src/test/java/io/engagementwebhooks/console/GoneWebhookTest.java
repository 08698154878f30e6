package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Queued deliveries of a deleted webhook are listed and can be discarded (semantics 24). The restart has its own
 * product.
 */
@Timeout(300)
class GoneWebhookTest {

    private static final String KEY = "acme-admin-key-of-gone";
    private static final String READ = "acme-read-key-of-gone-1";
    private static final String ACCOUNT =
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %s}, {name: eve, role: read, key: %s}]
            """
                    .formatted(KEY, READ);

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(500));

    @AutoClose
    private RunningProduct product;

    private void leaveSomethingWaiting() {
        product.postEvent(KEY, "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {}}");
        product.awaitDeliveries(KEY, "1", 1, "waiting");
    }

    private void assertOfYoreIsGone() {
        assertEquals(404, product.get("/v1/webhooks/of-yore", KEY).statusCode());
    }

    private String ofYore() {
        return ACCOUNT + "    webhooks:\n" + webhook("of-yore", "call.ended");
    }

    private String webhook(String name, String events) {
        return "      - {name: " + name + ", events: [\"" + events + "\"], retry: [1h], delivery: {url: \""
                + receiver.url() + "\", authentication: {type: none}}}\n";
    }

    @Test
    void it_is_on_the_pages_and_a_click_discards_it() {
        product = RunningProduct.shared(ofYore());
        leaveSomethingWaiting();
        product.config(ACCOUNT);
        assertOfYoreIsGone();
        Visitor anna = Visitor.signedIn(product, KEY);
        String overview = anna.get("/console/overview").body();
        assertTrue(overview.contains("badge deleted"), overview);
        assertTrue(overview.contains("href=\"/console/webhooks?text=of-yore#gone\""), overview);
        assertTrue(product.read("/v1/figures", KEY).at("/waiting/0/health").isNull(), "it has none any more");
        String list = anna.get("/console/webhooks").body();
        String id = product.read("/v1/waiting", KEY).at("/items/0/webhookId").asText();
        assertTrue(
                list.contains("Deleted, with queued deliveries")
                        && list.contains("/console/webhooks/" + id + "/discard"),
                list);
        String readers =
                Visitor.signedIn(product, READ).get("/console/webhooks").body();
        assertTrue(readers.contains("of-yore"), readers);
        assertFalse(readers.contains("/discard"), "who only reads has no button");

        assertEquals(303, anna.post("/console/webhooks/" + id + "/discard").statusCode());

        String after = anna.get("/console/webhooks").body();
        assertTrue(after.contains("Discarded: 1 delivery of 'of-yore'."), after);
        assertFalse(after.contains("Deleted, with queued deliveries"), after);
        product.awaitDeliveries(KEY, "1", 1, "discarded");
    }

    @Test
    void all_are_listed_page_by_page_however_few_their_deliveries() {
        String many = IntStream.range(0, 60)
                .mapToObj(i -> webhook("gone-%02d".formatted(i), "old.*"))
                .collect(Collectors.joining());
        String busy =
                IntStream.range(0, 10).mapToObj(i -> webhook("busy-" + i, "*")).collect(Collectors.joining());
        product = RunningProduct.shared(ACCOUNT + "    webhooks:\n" + many + busy);
        product.postEvent(KEY, "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"old.one\", \"data\": {}}");
        product.postEvent(KEY, "{\"id\": \"2\", \"source\": \"/s\", \"type\": \"new.one\", \"data\": {}}");
        product.awaitDeliveries(KEY, "1", 70, "waiting");
        product.awaitDeliveries(KEY, "2", 10, "waiting");
        product.config(ACCOUNT + "    webhooks:\n" + busy);

        Visitor anna = Visitor.signedIn(product, KEY);
        String first = anna.get("/console/webhooks").body();
        Matcher more = Pattern.compile("href=\"(/console/webhooks\\?gone=[^\"#]+)#gone\"")
                .matcher(first);
        assertTrue(more.find(), first);
        String second = anna.get(more.group(1)).body();
        List<String> shown = new ArrayList<>(discards(first));
        shown.addAll(discards(second));
        assertEquals(IntStream.range(0, 60).mapToObj("gone-%02d"::formatted).toList(), shown);
        assertFalse(second.contains("?gone="), second);

        String one = anna.get("/console/webhooks?text=gone-57").body();
        assertEquals(List.of("gone-57"), discards(one), "where the overview leads to");
        assertTrue(one.contains("No webhook matches."), one);

        String some = anna.get("/console/webhooks?text=NONE-5").body();
        assertEquals(List.of(), discards(some));
        assertTrue(some.contains("No webhook matches."), some);
        some = anna.get("/console/webhooks?text=ONE-").body();
        more = Pattern.compile("href=\"(/console/webhooks\\?text=ONE-&amp;gone=[^\"#]+)#gone\"")
                .matcher(some);
        assertTrue(more.find(), some);
        assertEquals(
                10,
                discards(anna.get(more.group(1).replace("&amp;", "&")).body()).size());

        JsonNode config = product.read("/v1/waiting?configured=true", KEY);
        assertEquals(10, config.get("items").size());
        JsonNode busy0 = config.at("/items/0");
        assertEquals("busy-0", busy0.get("webhook").asText());
        assertEquals(2, busy0.get("deliveries").asInt());
        assertTrue(busy0.get("configured").asBoolean());
        assertTrue(busy0.at("/waitingFor/kind").isTextual());
        JsonNode all = product.read("/v1/waiting?limit=70", KEY);
        assertEquals(70, all.get("items").size());
        assertTrue(all.get("next").isNull());
    }

    /** The overview names 50 webhooks that need attention. */
    @Test
    void deleted_paused_webhooks_do_not_displace_a_paused_one() {
        List<String> gone =
                IntStream.range(0, 51).mapToObj("paused-%02d"::formatted).toList();
        product = RunningProduct.shared(ACCOUNT + "    webhooks:\n"
                + gone.stream().map(name -> webhook(name, "old.*")).collect(Collectors.joining()));
        gone.forEach(this::pause);
        product.config(ACCOUNT + "    webhooks:\n" + webhook("paused-too", "old.*"));
        pause("paused-too");

        assertEquals(
                "[\"paused-too\"]",
                product.read("/v1/figures", KEY).get("troubled").toString());
        assertEquals(
                "[\"paused-too\"]",
                product.read("/v1/webhooks?health=paused", KEY).at("/items").findValues("definition").stream()
                        .map(definition -> definition.path("name"))
                        .toList()
                        .toString());

        product.config(ACCOUNT + "    webhooks:\n" + webhook("paused-00", "old.*"));
        assertEquals(
                "paused",
                product.read("/v1/webhooks/paused-00", KEY).get("state").asText(),
                "one that returns is as it was left");
    }

    private void pause(String webhook) {
        assertEquals(
                200,
                product.post("/v1/webhooks/" + webhook + "/pause", KEY, "application/json", "")
                        .statusCode());
    }

    @Test
    void many_webhooks_with_pending_deliveries_are_found_page_by_page() {
        List<String> names =
                IntStream.range(0, 510).mapToObj("many-%03d"::formatted).toList();
        String many = names.stream().map(name -> webhook(name, "old.*")).collect(Collectors.joining());
        product = RunningProduct.shared(ACCOUNT + "    webhooks:\n" + many);
        product.postEvent(KEY, "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"old.one\", \"data\": {}}");
        // this many deliveries are inserted in steps
        Awaitility.await().until(() -> waiting().size() >= names.size());
        assertEquals(names, waiting());
    }

    private List<String> waiting() {
        List<String> found = new ArrayList<>();
        String address = "/v1/waiting?limit=200";
        while (address != null) {
            JsonNode page = product.read(address, KEY);
            found.addAll(page.get("items").findValuesAsText("webhook"));
            address = page.get("next").isNull()
                    ? null
                    : "/v1/waiting?limit=200&cursor=" + page.get("next").asText();
        }
        return found;
    }

    private static List<String> discards(String page) {
        return Pattern.compile(
                        "<span class=\"webhook-name\" title=\"[^\"]+\">(gone-\\d+)</span></td>(?=(?:(?!</tr>).)*action=\"/console/webhooks/wh_\\w+/discard\")",
                        Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    @Test
    void the_api_discards_it_after_a_restart_and_then_forgets_it(@TempDir Path folder) {
        product = RunningProduct.start(folder, ofYore());
        leaveSomethingWaiting();
        product.stop();
        product.config(ACCOUNT);
        product.start();
        assertOfYoreIsGone();
        HttpResponse<String> discarded = product.post("/v1/webhooks/of-yore/discard", KEY, "application/json", "");
        assertEquals(200, discarded.statusCode(), discarded.body());
        assertEquals(1, RunningProduct.json(discarded).path("deliveries").asInt());
        product.awaitDeliveries(KEY, "1", 1, "discarded");
        assertEquals(
                404,
                product.post("/v1/webhooks/of-yore/discard", KEY, "application/json", "")
                        .statusCode());
    }
}
