package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Headers, query parameters and form fields of a caller reach no receiver and steer no component. */
@Timeout(300)
class CallerHeadersTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String EVIL = "evil-value";

    /** Headers that would influence a component of Camel or the product. */
    private static final List<String> STEERING = List.of(
            "sObjectName",
            "sObjectId",
            "sObjectIdName",
            "sObjectIdValue",
            "sObjectQuery",
            "sObjectClass",
            "apexUrl",
            "apexMethod",
            "apexQueryParams.x",
            "apiVersion",
            "rawPath",
            "rawMethod",
            "rawHttpHeaders",
            "jobId",
            "allOrNone",
            "kafka.OVERRIDE_TOPIC",
            "kafka.OVERRIDE_TIMESTAMP",
            "kafka.PARTITION_KEY",
            "Long-Running-Action",
            "CamelHttpUri",
            "CamelHttpPath",
            "CamelHttpQuery",
            "CamelHttpMethod",
            "CamelHttpRawQuery",
            "CamelHttpResponseCode",
            "CamelRestHttpUri",
            "CamelSalesforceSObjectName",
            "CamelContentsquareOperation",
            "CamelBeanMethodName",
            "CamelFileName",
            "CamelRuntimeEndpointUri",
            "camelhttpuri",
            "org.apache.camel.x",
            "webhooksCaller",
            "webhooksDelivery",
            "Cookie",
            "X-Forwarded-For",
            "Proxy-Authorization",
            "User-Agent",
            "webhook-id",
            "webhook-signature",
            "webhook-timestamp",
            "traceparent",
            "breadcrumbId");

    /** All that a receiver of webhook {@code plain} may see. */
    private static final Set<String> EXPECTED = Set.of(
            "host",
            "content-type",
            "content-length",
            "user-agent",
            "webhook-id",
            "webhook-timestamp",
            "connection",
            "accept-encoding",
            "x-own");

    private static String config(
            Receiver plain, Receiver basic, SalesforceStandIn salesforce, ContentsquareStandIn insights) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    connections:
                      - {name: sales, type: salesforce, loginUrl: "%s", clientId: "%s", clientSecret: "%s", apiVersion: "66.0", instanceSuffix: 127.0.0.1}
                      - {name: insights, type: contentsquare, tokenUrl: "%s", clientId: "%s", clientSecret: "%s", integrationVersion: 1, endpointSuffix: 127.0.0.1, schema: [{name: answered, type: BOOL, optional: true}, {name: call_duration, type: INT}]}
                    webhooks:
                      - {name: plain, events: ["*"], delivery: {url: "%s", headers: {X-Own: mine}, authentication: {type: none}}}
                      - {name: basic, events: ["*"], delivery: {url: "%s", authentication: {type: header, user: us, password: ours}}}
                      - {name: tasks, events: ["*"], delivery: {authentication: {type: salesforce, connection: sales}}}
                      - {name: sessions, events: ["*"], delivery: {authentication: {type: contentsquare, connection: insights}, contentsquare: {fields: {answered: "{answered}", call_duration: "{duration}"}}}}
                """
                .formatted(
                        salesforce.url(),
                        SalesforceStandIn.CLIENT_ID,
                        SalesforceStandIn.CLIENT_SECRET,
                        insights.tokenUrl(),
                        ContentsquareStandIn.CLIENT_ID,
                        ContentsquareStandIn.CLIENT_SECRET,
                        plain.url(),
                        basic.url());
    }

    private static String sample(RunningProduct product) throws Exception {
        return Files.readString(Path.of("src", "test", "resources", "events", "call-ended.json"))
                .replace("\"acme\"", "\"" + product.account("acme") + "\"");
    }

    private static String query() {
        return STEERING.stream()
                .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8) + "=" + EVIL)
                .collect(Collectors.joining(
                        "&", "?Authorization=Bearer+x&ce-id=" + EVIL + "&ce-type=" + EVIL + "&", ""));
    }

    @Test
    void all_steering_headers_at_once_change_nothing() throws Exception {
        try (Receiver plain = new Receiver(got -> new Receiver.Reply(204));
                Receiver basic = new Receiver(got -> new Receiver.Reply(204));
                SalesforceStandIn salesforce = SalesforceStandIn.start();
                ContentsquareStandIn insights = new ContentsquareStandIn();
                RunningProduct product = RunningProduct.shared(config(plain, basic, salesforce, insights))) {
            HttpRequest.Builder request =
                    product.request("/v1/events" + query(), KEY).header("Content-Type", "application/cloudevents+json");
            STEERING.forEach(name -> request.header(name, EVIL));
            HttpResponse<String> answer =
                    product.send(request.POST(HttpRequest.BodyPublishers.ofString(sample(product)))
                            .build());
            assertEquals(202, answer.statusCode(), answer.body());
            answer.headers().map().forEach((name, values) -> assertFalse(values.contains(EVIL), name));

            String id = RunningProduct.json(answer).get("id").asText();
            JsonNode deliveries = product.awaitDeliveries(KEY, id, 4, "delivered");
            assertEquals(4, deliveries.size());
            assertUnsteered(plain, null);
            assertUnsteered(basic, "Basic dXM6b3Vycw==");
            assertEquals("Task", salesforce.records().get(0).object());
            assertEquals(1, salesforce.records().size());
            salesforce
                    .callHeaders()
                    .forEach(headers -> assertFalse(headers.toString().contains(EVIL)));
            assertEquals(1, insights.accepted().size());
            assertFalse(insights.batches().toString().contains(EVIL));
        }
    }

    private static void assertUnsteered(Receiver receiver, String authorization) {
        assertEquals(1, receiver.requests().size());
        Receiver.Got got = receiver.requests().get(0);
        assertEquals("POST", got.method());
        assertEquals("/hooks?x=%2B", got.target().toString());
        Set<String> names = got.headers().keySet().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
        names.removeAll(EXPECTED);
        assertEquals(authorization == null ? Set.of() : Set.of("authorization"), names);
        assertEquals(authorization, got.header("Authorization"));
        got.headers().forEach((name, values) -> assertFalse(values.contains(EVIL), name));
        assertFalse(got.body().contains(EVIL));
    }

    @Test
    void form_fields_are_not_an_event_and_reach_no_receiver() throws Exception {
        try (Receiver plain = new Receiver(got -> new Receiver.Reply(204));
                Receiver basic = new Receiver(got -> new Receiver.Reply(204));
                SalesforceStandIn salesforce = SalesforceStandIn.start();
                ContentsquareStandIn insights = new ContentsquareStandIn();
                RunningProduct product = RunningProduct.shared(config(plain, basic, salesforce, insights))) {
            String form = query().substring(1) + "&id=1&source=/s&type=call.ended&specversion=1.0";
            HttpRequest.Builder binary = product.request("/v1/events", KEY)
                    .header("ce-specversion", "1.0")
                    .header("ce-id", "1")
                    .header("ce-source", "/s")
                    .header("ce-type", "call.ended")
                    .header("Content-Type", "application/x-www-form-urlencoded");
            for (HttpResponse<String> answer : List.of(
                    product.post("/v1/events", KEY, "application/x-www-form-urlencoded", form),
                    product.send(binary.POST(HttpRequest.BodyPublishers.ofString(form))
                            .build()))) {
                assertEquals(415, answer.statusCode());
                answer.headers().map().forEach((name, values) -> assertFalse(values.contains(EVIL), name));
                assertFalse(answer.body().contains(EVIL));
            }
            assertEquals(0, product.read("/v1/deliveries", KEY).get("items").size());
            assertTrue(plain.requests().isEmpty());
        }
    }
}
