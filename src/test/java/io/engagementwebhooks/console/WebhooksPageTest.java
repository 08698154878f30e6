package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.webhook.ActivityView;
import io.engagementwebhooks.console.text.ActivityBars;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The list of webhooks with their health, and the page of each with the reason. */
@Timeout(300)
class WebhooksPageTest {

    private static final String KEY = "acme-admin-key-of-the-list";
    private static final String READ = "acme-read-key-of-the-list";
    private static final String LONG = "a-webhook-" + "x".repeat(90);

    @AutoClose
    private final Receiver receiver =
            new Receiver(got -> new Receiver.Reply(got.target().getPath().equals("/broken") ? 500 : 200));

    @AutoClose
    private RunningProduct product;

    @BeforeEach
    void start() {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %1$s}, {name: eve, role: read, key: %2$s}]
                    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                    webhooks:
                      - {name: good, events: [call.ended], delivery: {url: "%3$s", authentication: {type: none}}}
                      - {name: quiet, events: [call.never, call.other, form.sent], delivery: {url: "%3$s", authentication: {type: none}}}
                """
                        .formatted(KEY, READ, receiver.url()));
        make("worst", "/broken");
        make("made", "/");
    }

    private void make(String name, String path) {
        HttpResponse<String> made = product.post(
                "/v1/webhooks",
                KEY,
                "application/json",
                """
                {"name": "%s", "events": ["call.ended"], "condition": ".data.duration != 120", "retry": ["1h"], "delivery": {"url": "%s",
                 "authentication": {"type": "header", "user": "us", "password": "very-secret"}}}"""
                        .formatted(name, receiver.url().resolve(path)));
        assertEquals(201, made.statusCode(), made.body());
    }

    private void send(int events) {
        for (int i = 0; i < events; i++) {
            product.postEvent(
                    KEY, "{\"id\": \"%d\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {}}".formatted(i));
        }
        await().until(() -> health("worst").equals("failing"));
        await().until(() -> statistics("good").at("/deliveries/delivered").asInt() == events);
    }

    private String health(String webhook) {
        return product.read("/v1/webhooks/" + webhook, KEY).at("/health/status").asText();
    }

    private JsonNode statistics(String webhook) {
        return product.read("/v1/webhooks/" + webhook + "/statistics?range=1h", KEY);
    }

    private static List<String> names(String page) {
        List<String> names = new ArrayList<>();
        Pattern.compile("<a class=\"webhook-name\"[^>]*>([^<]+)</a>")
                .matcher(page)
                .results()
                .forEach(found -> names.add(found.group(1)));
        return names;
    }

    @Test
    void failing_webhooks_come_first_with_the_reason_and_are_counted_by_health() {
        send(20);
        assertEquals(
                200,
                product.post("/v1/webhooks/quiet/pause", KEY, "application/json", "")
                        .statusCode());
        Visitor anna = Visitor.signedIn(product, KEY);
        String page = anna.get("/console/webhooks").body();
        assertEquals(List.of("worst", "quiet", "good", "made"), names(page));
        assertTrue(page.contains("The receiver answered 500"), page);
        assertTrue(page.contains("aria-label=\"Last 24 hours: 20, 20 retrying\""), page);
        assertTrue(page.contains(">All <b>4</b>") && page.contains(">Failing <b>1</b>"), page);
        assertTrue(page.contains(">Paused <b>1</b>") && page.contains(">Degraded <b>0</b>"), page);
        assertTrue(page.contains("call.never, call.other +1"), page);
        assertTrue(page.contains(receiver.url().getAuthority()), page);
        assertEquals(
                List.of("worst"),
                names(anna.get("/console/webhooks?health=failing").body()));
        String none = anna.get("/console/webhooks?health=disabled").body();
        assertTrue(none.contains("No results") && none.contains("Clear filters"), none);
        assertEquals(
                List.of("quiet"), names(anna.get("/console/webhooks?text=QUIET").body()));
        assertFalse(page.contains("very-secret"), page);

        JsonNode first = product.read("/v1/webhooks?sort=health&limit=1&activity=true", KEY);
        assertEquals("worst", first.at("/items/0/name").asText());
        assertEquals(20, first.at("/items/0/activity/retrying").asInt());
        assertEquals(1, first.at("/counts/failing").asInt());
        JsonNode next = product.read(
                "/v1/webhooks?sort=health&limit=1&activity=true&cursor="
                        + first.get("next").asText(),
                KEY);
        assertEquals("quiet", next.at("/items/0/name").asText());
        assertTrue(product.read("/v1/webhooks", KEY).at("/items/0/activity").isMissingNode());
        assertEquals(
                400,
                product.get("/v1/webhooks?health=healthy", KEY).statusCode(),
                "only what needs a person is counted");
    }

    @Test
    void a_failing_webhook_is_found_and_retried_in_three_clicks() {
        send(20);
        String id = product.read("/v1/webhooks/worst", KEY).get("id").asText();
        Visitor anna = Visitor.signedIn(product, KEY);
        String overview = anna.get("/console/overview").body();
        assertTrue(overview.contains("1 webhook of 4 is failing."), overview);
        assertEquals(List.of("worst"), names(overview).subList(0, 1));
        assertTrue(overview.contains("The receiver answered 500"), "why is known without a click");
        assertTrue(overview.contains("href=\"/console/webhooks/" + id + "\""), overview);

        String page = anna.get("/console/webhooks/worst").body();
        assertTrue(page.contains("0 of 20 deliveries, 20 still retrying"), page);
        assertTrue(page.contains("HTTP 500") && page.contains("100 % errors"), page);
        assertTrue(
                Pattern.compile("action=\"/console/webhooks/" + id
                                + "/discard\">(?:<input[^>]*>)?<input[^>]* name=\"to\" value=\"webhook\">")
                        .matcher(page)
                        .find(),
                "discarding leads back to where it is chosen: " + page);
        assertEquals(
                "failing",
                product.read("/v1/figures", KEY).at("/waiting/0/health").asText());
        assertTrue(page.contains("/console/deliveries?webhook=worst&amp;httpStatus=500"), page);
        assertTrue(page.contains("/console/deliveries?webhook=worst&amp;eventType=call.ended"), page);
        String deliveries = anna.get("/console/webhooks/worst?tab=deliveries").body();
        var retry = Pattern.compile("action=\"(/console/deliveries/msg_\\w+/again)\"")
                .matcher(deliveries);
        assertTrue(retry.find(), deliveries);
        assertEquals(303, anna.post(retry.group(1)).statusCode());
        await().until(() -> statistics("worst").at("/attempts/total").asInt() == 21);

        HttpResponse<String> released = anna.post("/console/webhooks/worst/release", "to", "overview");
        assertEquals(
                "/console/overview", released.headers().firstValue("Location").orElseThrow());
    }

    @Test
    void statistics_of_a_webhook_count_deliveries_attempts_responses_and_types() {
        send(20);
        JsonNode good = statistics("good");
        assertEquals(1.0, good.at("/deliveries/successRate").asDouble());
        assertEquals(20, good.at("/attempts/succeeded").asInt());
        assertTrue(good.at("/attempts/p50").asLong() <= good.at("/attempts/p99").asLong());
        assertTrue(good.at("/attempts/p99").asLong() <= 15_000, "no attempt takes longer than the time-out");
        assertTrue(good.get("lastError").isNull() && good.get("lastSuccess").isTextual(), good.toString());
        assertEquals(60, good.get("stepSeconds").asInt());
        int sum = 0;
        for (JsonNode point : good.get("points")) {
            sum += point.get("delivered").asInt();
        }
        assertEquals(20, sum);
        JsonNode worst = statistics("worst");
        assertEquals(0.0, worst.at("/deliveries/successRate").asDouble());
        assertEquals(500, worst.at("/responses/0/status").asInt());
        assertEquals(20, worst.at("/eventTypes/0/failed").asInt());
        assertTrue(worst.at("/lastError/reason").asText().contains("500"), worst.toString());
        assertEquals(20, worst.get("waiting").asInt());
        JsonNode quiet = statistics("quiet");
        assertTrue(quiet.at("/deliveries/successRate").isNull()
                && quiet.at("/attempts/p50").isNull());
        assertEquals(
                400, product.get("/v1/webhooks/good/statistics?range=1y", KEY).statusCode());
        assertEquals(404, product.get("/v1/webhooks/unknown/statistics", KEY).statusCode());
    }

    @Test
    void each_tab_of_a_webhook_shows_its_part_and_no_secret() {
        Visitor anna = Visitor.signedIn(product, KEY);
        for (String range : List.of("1h", "24h", "7d", "30d")) {
            HttpResponse<String> overview = anna.get("/console/webhooks/made?range=" + range);
            assertEquals(200, overview.statusCode());
            assertTrue(overview.body().contains("No delivery was accepted in the last"), overview.body());
            assertFalse(overview.body().contains("the last 1 "), overview.body());
            assertFalse(overview.body().contains("newest 1,000"), overview.body());
            assertFalse(overview.body().contains("– succeeded"), overview.body());
        }
        String id = product.read("/v1/webhooks/made", KEY).get("id").asText();
        assertEquals(200, anna.get("/console/webhooks/" + id).statusCode());
        assertEquals(404, anna.get("/console/webhooks/unknown").statusCode());
        String configuration =
                anna.get("/console/webhooks/made?tab=configuration").body();
        assertTrue(configuration.contains("href=\"/console/builder/" + id + "#step-authentication\""), configuration);
        assertTrue(configuration.contains("<p>Only when Duration (seconds) is not 120</p>"), configuration);
        assertTrue(configuration.contains(">.data.duration != 120</pre>"), configuration);
        assertTrue(configuration.contains("***") && !configuration.contains("very-secret"), configuration);
        assertTrue(configuration.contains(">Authorization Header: user and password<"), configuration);
        assertFalse(configuration.contains(">header<"), configuration);
        String ofFile = anna.get("/console/webhooks/good?tab=configuration").body();
        assertTrue(ofFile.contains("Change it there") && !ofFile.contains("#step-"), ofFile);
        String signing = anna.get("/console/webhooks/made?tab=signing").body();
        assertTrue(signing.contains("def is_genuine(secrets, headers, body)"), signing);
        assertTrue(signing.contains("curl and openssl") && signing.contains(">active</span>"), signing);
        assertFalse(signing.contains("whsec_Mf"), signing);
        assertTrue(anna.get("/console/webhooks/made?tab=deliveries").body().contains("No deliveries yet"));

        String copy = anna.get("/console/builder?copy=made").body();
        assertTrue(copy.contains("value=\"made-copy\""), copy);
        assertFalse(copy.contains("very-secret"), copy);
    }

    @Test
    void a_sample_event_is_sent_and_a_webhook_is_deleted_from_its_menu() {
        Visitor anna = Visitor.signedIn(product, KEY);
        HttpResponse<String> sent = anna.post("/console/webhooks/made/test", "to", "webhook");
        assertEquals(
                "/console/webhooks/made", sent.headers().firstValue("Location").orElseThrow());
        assertTrue(anna.get("/console/webhooks/made").body().contains("Sample event delivered to 'made'"));
        anna.post("/console/webhooks/worst/test", "to", "list");
        assertTrue(anna.get("/console/webhooks").body().contains("Sample event not delivered to 'worst'"));
        anna.post("/console/webhooks/made/delete");
        String after = anna.get("/console/webhooks").body();
        assertTrue(after.contains("Deleted: 'made'."), after);
        assertEquals(404, product.get("/v1/webhooks/made", KEY).statusCode());
        Visitor eve = Visitor.signedIn(product, READ);
        String readers = eve.get("/console/webhooks").body();
        assertFalse(readers.contains("popovertarget=\"delete-"), readers);
        eve.post("/console/webhooks/worst/delete");
        assertEquals(200, product.get("/v1/webhooks/worst", KEY).statusCode());
    }

    @Test
    void a_long_name_is_shortened_and_shown_whole_on_hover() {
        make(LONG, "/");
        Visitor anna = Visitor.signedIn(product, KEY);
        for (String path : List.of("/console/webhooks", "/console/webhooks/" + LONG)) {
            HttpResponse<String> page = anna.get(path);
            assertEquals(200, page.statusCode());
            assertTrue(page.body().contains(LONG), path);
        }
    }

    @Test
    void a_bar_is_as_high_as_its_deliveries_and_red_as_far_as_they_failed() {
        List<ActivityView.Bar> bars = new ArrayList<>(Collections.nCopies(12, new ActivityView.Bar(0, 0)));
        bars.set(3, new ActivityView.Bar(40, 10));
        bars.set(11, new ActivityView.Bar(1, 1));
        assertEquals(
                List.of(
                        new ActivityBars.Bar("failed", 18, 15, 5),
                        new ActivityBars.Bar("accepted", 18, 0, 15),
                        new ActivityBars.Bar("failed", 66, 18, 2)),
                ActivityBars.of(new ActivityView(41, 1, 10, true, bars)));
    }
}
