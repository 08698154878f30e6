package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of an empty account say what to do next, with a link. */
@Timeout(300)
class EmptyPagesTest {

    private static final String ANNA = "acme-admin-key-of-nothing";
    private static final String EVE = "acme-read-key-of-nothing-1";
    private static final Pattern LINK = Pattern.compile("href=\"(/console/[^\"]+)\"");

    private static final String CONFIG =
            "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: %s}, {name: eve, role: read, key: %s}]\n"
                    .formatted(ANNA, EVE);

    @AutoClose
    private static RunningProduct empty;

    @BeforeAll
    static void start() {
        empty = RunningProduct.shared(CONFIG);
    }

    /** The card of a page with a text. */
    private static String card(String page, String text) {
        return Arrays.stream(page.split("class=\"card"))
                .filter(card -> card.contains(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError("'" + text + "' is not on the page: " + page));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    /console/overview   | Create a webhook                                  | /console/builder
                    /console/webhooks   | No webhooks yet                                   | /console/builder
                    /console/deliveries | No deliveries yet                                 | /console/webhooks
                    /console/deliveries | Create its key                                    | /console/settings/api-key
                    /console/replays    | No replays yet                                    | /console/deliveries
                    /console/failures   | No failures                                       | /console/failures?hours=168
                    /console/settings/oauth-clients | No OAuth clients yet | /console/settings/oauth-client
                    /console/settings/connections | No connections yet | /console/settings/salesforce
                    /console/settings/connections | No connections yet | /console/settings/contentsquare
                    /console/settings/signing-keys | No signing keys yet | /console/settings/signing-key
                    """)
    void an_empty_page_says_what_to_do_next_and_links_there(String path, String says, String link) {
        Visitor anna = Visitor.signedIn(empty, ANNA);
        String card = card(anna.get(path).body(), says);
        assertTrue(card.contains("href=\"" + link + "\""), card);
        assertEquals(200, anna.get(link).statusCode());
    }

    @ParameterizedTest
    @CsvSource({
        "/console/overview, Create a webhook",
        "/console/webhooks, No webhooks yet",
        "/console/deliveries, No deliveries yet",
        "/console/replays, No replays yet"
    })
    void role_read_gets_no_link_to_create(String path, String says) {
        Visitor eve = Visitor.signedIn(empty, EVE);
        Matcher links = LINK.matcher(card(eve.get(path).body(), says));
        while (links.find()) {
            assertFalse(links.group(1).matches("/console/(builder|settings/.*)"), links.group(1));
            assertEquals(200, eve.get(links.group(1)).statusCode(), links.group(1));
        }
    }

    @Test
    void the_command_of_an_empty_page_creates_the_first_delivery() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                RunningProduct product = RunningProduct.shared(CONFIG)) {
            HttpResponse<String> made = product.post(
                    "/v1/webhooks",
                    ANNA,
                    "application/json",
                    """
                    {"name": "first", "events": ["call.ended"],
                     "delivery": {"url": "%s", "authentication": {"type": "none"}}}"""
                            .formatted(receiver.url()));
            assertEquals(201, made.statusCode(), made.body());
            Visitor anna = Visitor.signedIn(product, ANNA);
            String card = card(anna.get("/console/deliveries").body(), "No deliveries yet");
            Matcher command = command(product, card, "\\$KEY");

            HttpResponse<String> sent =
                    product.post(command.group("path"), ANNA, command.group("type"), command.group("event"));

            assertEquals(202, sent.statusCode(), sent.body());
            product.awaitDeliveries(ANNA, "1", 1, "delivered");
            String page = anna.get("/console/deliveries").body();
            assertTrue(page.contains("badge delivered"), page);
            assertFalse(page.contains("No deliveries yet"), page);
        }
    }

    @Test
    void the_command_gets_a_key_on_request_that_only_sends_events() {
        Visitor anna = Visitor.signedIn(empty, ANNA);

        String page = anna.post("/console/settings/api-key", "do", "first-event", "type", "call.missed")
                .body();

        Matcher command = command(empty, card(page, "Send your first event"), "(?<key>ewk_[\\w-]+)");
        assertTrue(command.group("event").contains("call.missed"), command.group("event"));
        HttpResponse<String> sent =
                empty.post(command.group("path"), command.group("key"), command.group("type"), command.group("event"));
        assertEquals(202, sent.statusCode(), sent.body());
        assertEquals(403, empty.get("/v1/webhooks", command.group("key")).statusCode());
    }

    private static Matcher command(RunningProduct product, String card, String key) {
        Matcher command = Pattern.compile("<pre[^>]*>curl -H \"Authorization: Bearer " + key
                        + "\" -H 'Content-Type: (?<type>[^']+)' \\\\\\s+"
                        + "-d '(?<event>[^']+)' \\\\\\s+" + product.url("") + "(?<path>\\S+)</pre>")
                .matcher(card);
        assertTrue(command.find(), card);
        return command;
    }
}
