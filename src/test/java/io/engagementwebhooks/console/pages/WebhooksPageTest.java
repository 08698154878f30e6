package io.engagementwebhooks.console.pages;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The list of webhooks shows how the last deliveries of each went, up and down. */
@Timeout(300)
class WebhooksPageTest {

    private static final String KEY = "acme-admin-key-of-pictures";
    private static final Pattern PICTURE = Pattern.compile("<svg class=\"spark\".*?</svg>");
    private static final Pattern BAR = Pattern.compile(
            "<rect class=\"(?<outcome>[a-z-]+)\" x=\"(?<x>\\d+)\" y=\"(?<y>\\d+)\" width=\"4\" height=\"(?<height>\\d+)\"");

    private static List<String> bars(String picture) {
        List<String> bars = new ArrayList<>();
        Matcher found = BAR.matcher(picture);
        while (found.find()) {
            bars.add(found.group("outcome") + " " + found.group("height"));
            assertEquals(
                    Sparkline.HEIGHT, Integer.parseInt(found.group("y")) + Integer.parseInt(found.group("height")));
        }
        return bars;
    }

    @Test
    void each_delivery_is_a_bar_in_its_order_whose_height_and_colour_tell_how_it_ended() {
        Map<String, Integer> statuses = Map.of("good", 200, "refused", 422, "broken", 500);
        Receiver receiver = new Receiver(got -> new Receiver.Reply(statuses.get(got.body())));
        try (receiver;
                RunningProduct product = RunningProduct.shared(
                        """
                        accounts:
                          - id: acme
                            apiKeys: [{name: anna, role: admin, key: %1$s}]
                            webhooks:
                              - {name: ups-and-downs, events: [call.ended], condition: '.data.outcome | startswith("")', retry: [1h], giveUpOn: [422], delivery: {url: "%2$s", format: form, body: "{outcome}", authentication: {type: none}}}
                              - {name: quiet, events: [call.never], delivery: {url: "%2$s", authentication: {type: none}}}
                        """
                                .formatted(KEY, receiver.url()))) {
            List<String> outcomes = List.of("\"good\"", "\"refused\"", "\"good\"", "7", "\"good\"", "\"broken\"");
            for (int i = 0; i < outcomes.size(); i++) {
                product.postEvent(
                        KEY,
                        "{\"id\": \"%d\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {\"outcome\": %s}}"
                                .formatted(i, outcomes.get(i)));
                String path = "/v1/deliveries?event=" + i;
                await().until(() ->
                        product.read(path, KEY).at("/items/0/outcome").isTextual());
            }

            String page =
                    Visitor.signedIn(product, KEY).get("/console/webhooks").body();

            String row = page.substring(page.indexOf(">ups-and-downs</a>"));
            Matcher picture = PICTURE.matcher(row);
            assertTrue(picture.find(), row);
            assertEquals(
                    List.of("delivered 16", "gave-up 4", "delivered 16", "skipped 4", "delivered 16", "try-later 8"),
                    bars(picture.group()));
            assertTrue(picture.group().contains("aria-label=\"The last 6: 3 delivered\""), picture.group());
            assertTrue(row.contains("<span class=\"why\">try later</span>"), row);
            String quiet = page.substring(page.indexOf(">quiet</a>"), page.indexOf(">ups-and-downs</a>"));
            assertTrue(quiet.contains("none yet") && !quiet.contains("class=\"spark\""), quiet);
        }
    }

    @Test
    void of_many_the_newest_are_shown_and_of_few_the_newest_stands_at_the_right() {
        ArrayNode many = JsonNodeFactory.instance.arrayNode().add("gave-up");
        IntStream.range(0, 12).forEach(i -> many.add("delivered"));
        Sparkline newest = Sparkline.of(many);
        assertEquals("The last 12: 12 delivered", newest.words());
        assertEquals(0, newest.bars().get(0).x());

        Sparkline one = Sparkline.of(JsonNodeFactory.instance.arrayNode().add("gave-up"));
        assertEquals(newest.bars().get(11).x(), one.bars().get(0).x());
    }
}
