package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.KEY;
import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.Visitor;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attempts at third parties show what went over the wire, though others' components send it: truly, and without tokens. */
@Timeout(300)
class SentToThirdPartiesTest {

    private static final String OWN =
            """
            - name: own
              events: ['*']
              delivery:
                contentsquare: {path: /v1/calls}
                body: '{"call": "{cdr_id}"}'
                authentication: {type: contentsquare, connection: insights}
            """;

    @AutoClose
    private final WholeProduct whole = new WholeProduct();

    private RunningProduct product;

    private JsonNode sent(String event, int attempt) {
        String id = product.read("/v1/deliveries?event=" + event, KEY)
                .get("items")
                .get(0)
                .get("id")
                .asText();
        return product.read("/v1/deliveries/" + id, KEY)
                .get("attempts")
                .get(attempt - 1)
                .get("request");
    }

    @Test
    void a_record_is_shown_as_salesforce_got_it_also_of_an_attempt_that_failed() {
        product = whole.start(WholeProduct.toSalesforce("to-sales"));
        whole.salesforce.failNext(503, "SERVER_UNAVAILABLE", 1);
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);

        for (int attempt = 1; attempt <= 2; attempt++) {
            SalesforceStandIn.Call got = whole.salesforce.received().get(attempt - 1);
            JsonNode sent = sent("e1", attempt);
            assertEquals(got.method(), sent.get("method").asText());
            assertEquals(
                    whole.salesforce.url().resolve(got.target()).toString(),
                    sent.get("url").asText());
            assertEquals(got.body(), sent.get("body").asText());
            assertEquals("kept", sent.get("bodyFrom").asText());
            assertEquals("Bearer ***", sent.at("/headers/Authorization").asText());
            assertEquals("application/json", sent.at("/headers/Content-Type").asText());
        }
    }

    @Test
    void an_enrichment_is_shown_as_contentsquare_got_it() {
        product = whole.start(WholeProduct.toContentsquare("to-insights"));
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);

        JsonNode sent = sent("e1", 1);
        assertEquals("/v1/enrichments", sent.get("url").asText());
        assertEquals(whole.contentsquare.batches().get(0), json(sent.get("body").asText()));
        assertEquals("Bearer ***", sent.at("/headers/Authorization").asText());
        assertFalse(sent.toString().contains(whole.contentsquare.newestToken()), sent.toString());
    }

    @Test
    void a_body_of_the_webhooks_own_is_made_again_from_the_event() {
        product = whole.start(OWN);
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);

        JsonNode sent = sent("e1", 1);
        ContentsquareStandIn.Own got = whole.contentsquare.ownRequests().get(0);
        assertEquals(got.method(), sent.get("method").asText());
        assertEquals(got.target(), sent.get("url").asText());
        assertEquals(got.body(), sent.get("body").asText());
        assertEquals("rebuilt", sent.get("bodyFrom").asText());
        assertEquals("Bearer ***", sent.at("/headers/Authorization").asText());
        assertEquals(
                got.headers().getFirst("webhook-id"),
                sent.at("/headers/webhook-id").asText());
    }

    private String page(String event) {
        String id = product.read("/v1/deliveries?event=" + event, KEY)
                .at("/items/0/id")
                .asText();
        return Visitor.signedIn(product, KEY).get("/console/deliveries/" + id).body();
    }

    /** The measured times that the page shows for each attempt, the newest first; the rest may be nothing. */
    private static List<List<String>> timings(String page) {
        return Pattern.compile("<dl class=\"timing\">(.*?)</dl>", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(list -> Pattern.compile("<dt>(?!other)(\\w+)</dt><dd>\\d+\\.\\d ms</dd>")
                        .matcher(list.group(1))
                        .results()
                        .map(part -> part.group(1))
                        .toList())
                .toList();
    }

    @Test
    void the_page_tells_what_of_an_attempt_at_contentsquare_took_how_long() {
        product = whole.start(WholeProduct.toContentsquare("to-insights"));
        whole.contentsquare.resetNext(1);
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);

        assertEquals(List.of(List.of("connect", "wait", "body"), List.of("wait")), timings(page("e1")));
    }

    @Test
    void the_page_tells_it_of_bodies_of_the_webhooks_own_too() {
        product = whole.start(OWN);
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);

        assertEquals(List.of(List.of("wait", "body")), timings(page("e1")));
    }
}
