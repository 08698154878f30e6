package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.changed;
import static io.engagementwebhooks.console.Visitor.plus;
import static io.engagementwebhooks.console.Visitor.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The builder keeps every member of a definition, in one spelling and without defaults. */
@Timeout(300)
class BuilderPageTest {

    private static final String KEY = "acme-admin-key-of-builders";
    private static final String DESTINATION = "of-builder";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Certificates AUTHORITY = new Certificates();
    private static final Certificates.Issued CLIENT = AUTHORITY.client("acme", 5);

    private static RunningProduct product;
    private static Visitor anna;
    private static int made;

    @BeforeAll
    static void start() throws Exception {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %s}]
                    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                    oauthClients:
                      - {name: crm, clientId: a, clientSecret: s, authenticationEndpoint: "https://auth.example.com"}
                    connections:
                      - {name: sales, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: a, clientSecret: s}
                      - name: insights
                        type: contentsquare
                        clientId: a
                        clientSecret: s
                        integrationVersion: 1
                        schema: [{name: answered, type: BOOL}, {name: note, type: STRING, optional: true}]
                """
                        .formatted(KEY));
        anna = Visitor.signedIn(product, KEY);
        product.camel().addRoutes(ownDestination(product.account("acme")));
    }

    /** The operator's custom destination, open to one account. */
    private static RouteBuilder ownDestination(String account) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from(OwnDestinations.entrance(DESTINATION))
                        .routeId(DESTINATION)
                        .setProperty(OwnDestinations.ACCOUNTS, constant(account))
                        .log("taken");
            }
        };
    }

    @AfterAll
    static void stop() throws Exception {
        product.camel().getRouteController().stopRoute(DESTINATION);
        product.camel().removeRoute(DESTINATION);
        product.close();
    }

    private static String text(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    /** Definitions that together have every member. */
    static List<String> definitions() throws Exception {
        String pair = Ed25519Key.generate(new SecureRandom()).privateText().reveal();
        String store = Base64.getEncoder().encodeToString(CLIENT.pkcs12("pass"));
        return List.of(
                        """
                "events": ["call.ended", "call.ended", "call.*", "order,placed", "order[eu]"], "condition": ".data.duration >= 120",
                "delivery": {"url": "https://x.example.com/h?key=hush", "method": "PUT", "signature": "both", "timeout": "5s",
                  "signingKeys": ["k1", {"id": "own-%1$s", "secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "from": "2026-01-01", "until": "2036-01-01"}],
                  "format": "json", "body": "\\n{\\"call\\": \\"{cdr_id}\\"}\\r\\n ", "headers": {"X-A": "{source_name}", "X-Secret": "hush", "X-Quoted": "\\"a\\""},
                  "authentication": {"type": "header", "user": "u", "password": "p"}, "rateLimit": "50/s",
                  "succeedOn": [404, 409], "validation": "cloudevents",
                  "signing": {"custom": {"key": ["k1"], "header": "X-Sig", "prefix": "t={timestamp},v1=", "content": "{timestamp}.{body}", "algorithm": "sha512", "encoding": "base64",
                    "timestampHeader": "X-Time", "keyAs": "text"}}, "waitFor": {"field": "data.recording_id", "atMost": "30m"}},
                "retry": ["5s", "1m"], "maxAge": "2d", "giveUpOn": 400, "disableAfter": "never\"""",
                        """
                "events": "order[eu]", "condition": ".data.x == \\"a\\\\nb\\"",
                "delivery": {"url": "https://x.example.com", "format": "form", "bodyJq": "{a: .data.x}", "signature": "none",
                  "authentication": {"type": "header", "value": "Basic dTpw"}, "tls": {"ca": %2$s}},
                "retry": "every-30-min-for-7-days", "giveUpOn": [400, 422]""",
                        """
                "events": ["call.ended"], "condition": ".data.x ==\\n1",
                "delivery": {"url": "https://x.example.com", "form": {"note": "a {anum}\\nb {duration}", "a:b": "x", " c": " d "},
                  "signed": false, "authentication": {"type": "oauth2", "client": "crm", "renewOn": [401, 403]}, "fifo": {}},
                "retry": []""",
                        """
                "events": ["call.ended"], "condition": true,
                "delivery": {"url": "https://x.example.com", "bodyJq": "{a:\\n.data.x}", "signed": true,
                  "signingKeys": [{"id": "pair-%1$s", "privateKey": %5$s}],
                  "authentication": {"type": "api-key", "header": "X-Key", "value": "hush"},
                  "tls": {"certificate": %3$s, "key": %4$s}},
                "retry": "standard\"""",
                        """
                "events": ["call.ended"], "condition": ".data.answered == true and .data.anum == \\"1\\"",
                "delivery": {"url": "https://x.example.com", "fifo": {"key": "data.contact.id", "skipAfter": "2h"},
                  "tls": {"pkcs12": %6$s, "password": "pass"}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"url": "https://x.example.com", "authentication": {"type": "custom", "destination": "of-builder", "client": "crm"},
                  "format": "form", "body": "a={x}", "fifo": {"key": "subject"}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"authentication": {"type": "salesforce", "connection": "sales"},
                  "salesforce": {"operation": "upsert", "object": "Task", "externalId": "Call_Id__c", "externalIdValue": {"jq": ".data.cdr_id"},
                    "fields": {"Subject": "Call {anum}", "Description": "From {anum}\\nDuration: {duration}", "Priority": 5,
                      "Length__c": {"jq": ".data.duration * 1000"}, "Note__c": "{\\"jq\\": \\".\\"}",
                      "Outcome__c": {"value": "{outcome}", "map": {"missed": "No Answer"}, "otherwise": "Other"}}}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"authentication": {"type": "salesforce", "connection": "sales"},
                  "salesforce": {"object": "Call__c", "externalId": "Call_Id__c", "externalIdValue": "a\\n{cdr_id}", "fields": {"Subject": "x"}}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"authentication": {"type": "salesforce", "connection": "sales"},
                  "salesforce": {"records": [
                    {"name": "person", "when": ".data.new == true", "object": "Contact", "externalId": "Id__c", "externalIdValue": "{anum}", "fields": {"LastName": "x\\ny"}},
                    {"fields": {"Subject": "x"}, "links": {"WhoId": "person"}}]}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"authentication": {"type": "salesforce", "connection": "sales"}, "method": "PATCH", "headers": {"X-A": "b"},
                  "body": "{\\"a\\": 1}", "signature": "standard", "salesforce": {"operation": "raw", "path": "/services/apexrest/calls?key=hush"}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"authentication": {"type": "contentsquare", "connection": "insights"},
                  "contentsquare": {"session": "data.cs", "fields": {"answered": "{answered}", "note": "a\\nb: c"}}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"authentication": {"type": "contentsquare", "connection": "insights"}, "form": {"a": "b"},
                  "contentsquare": {"path": "/v1/enrichments"}}""",
                        """
                "events": ["call.ended"],
                "delivery": {"kamelet": {"name": "kafka-sink", "properties": {"topic": "calls"}}, "bodyJq": "{a: .data.x}"}""")
                .stream()
                .map(definition -> definition.formatted(
                        "%1$s",
                        text(AUTHORITY.pem()),
                        text(CLIENT.certificatePem()),
                        text(CLIENT.keyPem()),
                        text(pair),
                        text(store)))
                .toList();
    }

    /** Creates a webhook. @return its name */
    private static String make(String definition) {
        String name = "w" + ++made;
        String named = "{\"name\": \"" + name + "\", " + definition.replace("%1$s", name) + "}";
        HttpResponse<String> answer = product.post("/v1/webhooks", KEY, "application/json", named);
        assertEquals(201, answer.statusCode(), answer.body());
        return name;
    }

    private static ObjectNode kept(String name) {
        return (ObjectNode) product.read("/v1/webhooks/" + name, KEY).path("definition");
    }

    private static String[] opened(String name) {
        return Visitor.fields(anna.get("/console/builder/" + name).body(), "builder");
    }

    private static HttpResponse<String> save(String name, String[] fields, String... changes) {
        return sent(name, changed(fields, changes), "save");
    }

    private static HttpResponse<String> sent(String name, String[] fields, String asked) {
        return anna.post("/console/builder/" + name, plus(fields, "do", asked));
    }

    private static void saved(String name, String[] fields, String... changes) {
        HttpResponse<String> answer = save(name, fields, changes);
        assertEquals(303, answer.statusCode(), answer.body());
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void a_webhook_that_is_shown_and_saved_is_the_same(String definition) {
        String name = make(definition);
        ObjectNode before = kept(name);
        saved(name, opened(name));
        ObjectNode after = kept(name);
        assertEquals(canonical(before), sorted(after));
        saved(name, opened(name));
        assertEquals(after, kept(name));
    }

    private static ObjectNode sorted(ObjectNode definition) {
        Set<String> events = new TreeSet<>();
        JsonNode given = definition.path("events");
        (given.isArray() ? given : JSON.createArrayNode().add(given)).forEach(event -> events.add(event.asText()));
        return definition.set("events", JSON.valueToTree(events));
    }

    /** What a save makes of a definition, its event types sorted. */
    private static ObjectNode canonical(ObjectNode definition) {
        ObjectNode delivery = definition.withObject("/delivery");
        if (definition.has("condition")) {
            definition.put("condition", definition.path("condition").asText());
        }
        if (definition.path("giveUpOn").isNumber()) {
            definition.set("giveUpOn", JSON.createArrayNode().add(definition.path("giveUpOn")));
        }
        if (definition.path("retry").asText().equals("standard")) {
            definition.remove("retry");
        }
        if (delivery.has("url")) {
            if (!delivery.path("signed").asBoolean(true)) {
                delivery.put("signature", "none");
            }
            delivery.remove("signed");
        }
        if (delivery.has("body")) {
            delivery.put("body", delivery.path("body").asText().replace("\r\n", "\n"));
        }
        if (delivery.at("/salesforce/fields/Priority").isNumber()) {
            delivery.withObject("/salesforce/fields").put("Priority", "5");
        }
        if (delivery.path("format").asText().equals("json")) {
            delivery.remove("format");
        }
        if (delivery.at("/fifo/key").asText().equals("subject")) {
            delivery.withObject("/fifo").remove("key");
        }
        return sorted(definition);
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void unchanged_parts_of_a_changed_webhook_are_the_same(String definition) {
        String name = make(definition);
        ObjectNode expected = kept(name);
        expected.put("disableAfter", "9d");
        expected.withObject("/delivery").put("timeout", "7s");
        saved(name, opened(name), "disable-after", "9d", "timeout", "7s");
        assertEquals(canonical(expected), sorted(kept(name)));
    }

    @Test
    void every_member_of_a_webhook_is_in_a_definition_that_is_shown_and_saved() throws Exception {
        JsonNode parts = JSON.readTree(Files.readString(Path.of("docs/webhooks.schema.json")))
                .path("definitions");
        Map<String, Set<String>> seen = new LinkedHashMap<>();
        for (String definition : definitions()) {
            collect(parts, "webhook", JSON.readTree("{\"name\": \"x\", " + definition + "}"), seen);
        }
        for (String part : seen.keySet()) {
            Set<String> members = new TreeSet<>();
            parts.path(part).path("properties").fieldNames().forEachRemaining(members::add);
            members.remove("was");
            assertEquals(members, seen.get(part), part);
        }
        assertTrue(seen.keySet().containsAll(List.of("delivery", "tls", "salesforceRecord", "fieldProgram", "fifo")));
    }

    private static void collect(JsonNode parts, String part, JsonNode node, Map<String, Set<String>> seen) {
        Set<String> members = seen.computeIfAbsent(part, p -> new TreeSet<>());
        node.properties().forEach(member -> {
            members.add(member.getKey());
            JsonNode schema = parts.path(part).path("properties").path(member.getKey());
            for (String inner : partsOf(parts, schema)) {
                seen.computeIfAbsent(inner, p -> new TreeSet<>());
                JsonNode value = member.getValue();
                boolean isOne = schema.has("$ref") || schema.has("allOf");
                (isOne ? JSON.createArrayNode().add(value) : value).forEach(item -> {
                    if (item.isObject()) {
                        collect(parts, inner, item, seen);
                    }
                });
            }
        });
    }

    /** The definitions of the schema that a member may have. */
    private static Set<String> partsOf(JsonNode parts, JsonNode schema) {
        Set<String> found = new TreeSet<>();
        for (String reference : schema.findValuesAsText("$ref")) {
            String name = reference.substring(reference.lastIndexOf('/') + 1);
            JsonNode part = parts.path(name);
            found.addAll(part.has("properties") ? Set.of(name) : partsOf(parts, part));
        }
        return found;
    }

    @Test
    void a_changed_rule_leaves_the_others_as_they_are() throws Exception {
        String name = make(definitions().get(6));
        ObjectNode expected = canonical(kept(name));
        ((ObjectNode) expected.at("/delivery/salesforce/fields")).put("Subject", "Ended");
        String[] fields = opened(name);
        String lines = value(fields, "fields");
        saved(name, fields, "fields", lines.replace("Subject: Call {anum}", "Subject: Ended"));
        assertEquals(expected, kept(name));
    }

    @Test
    void another_event_leaves_typed_ones_as_they_are() {
        String name = make(
                "\"events\": [\"order,placed\", \"order[eu]\"], \"delivery\": {\"url\": \"https://x.example.com\"}");
        String[] fields = opened(name);
        saved(name, plus(fields, "event", "call.ended"));
        assertEquals(
                "[\"call.ended\",\"order,placed\",\"order[eu]\"]",
                kept(name).path("events").toString());
        String typed = value(fields, "other-events");
        saved(name, opened(name), "other-events", typed + ", order[us]");
        assertEquals(
                "[\"call.ended\",\"order,placed\",\"order[eu]\",\"order[us]\"]",
                kept(name).path("events").toString());
    }

    @Test
    void the_member_signed_is_shown_as_the_signature_and_can_be_changed() {
        String name =
                make("\"events\": [\"x\"], \"delivery\": {\"url\": \"https://x.example.com\", \"signed\": false}");
        String[] fields = opened(name);
        assertEquals("none", value(fields, "signature"));
        saved(name, fields, "signature", "rfc9421");
        JsonNode delivery = kept(name).path("delivery");
        assertFalse(delivery.has("signed"), delivery.toString());
        assertEquals("rfc9421", delivery.path("signature").asText());
    }

    @Test
    void a_rule_with_an_invalid_value_is_not_saved_and_has_an_error() {
        String[] fields = {
            "name",
            "unfinished",
            "event",
            "call.ended",
            "url",
            "https://x.example.com",
            "auth",
            "none",
            "condition-kind",
            "lines",
            "field",
            ".data.outcome",
            "comparison",
            "IS",
            "value",
            "quality",
            "field",
            ".data.duration",
            "comparison",
            "AT_LEAST",
            "value",
            "120s"
        };
        for (String asked : List.of("save", "test")) {
            HttpResponse<String> answer = anna.post("/console/builder", plus(fields, "do", asked));
            assertEquals(422, answer.statusCode());
            String fault = "id=\"value-1-fault\">Rule 2: enter a number, such as 120.";
            assertTrue(answer.body().contains(fault), answer.body());
            assertTrue(answer.body().contains("aria-describedby=\"value-1-fault\""), answer.body());
            assertFalse(answer.body().contains("value-0-fault"), answer.body());
        }
        String preview = anna.post("/console/builder-preview", fields).body();
        assertTrue(preview.contains("Rule 2: enter a number") && !preview.contains("badge"), preview);
        assertEquals(404, product.get("/v1/webhooks/unfinished", KEY).statusCode());
        fields[fields.length - 1] = "120";
        assertEquals(303, anna.post("/console/builder", fields).statusCode());
    }

    @Test
    void a_condition_that_rules_cannot_express_is_shown_as_jq_and_stays() {
        String name = make("\"events\": [\"call.ended\"], \"condition\": \".data.outcome == \\\"\\\"\","
                + " \"delivery\": {\"url\": \"https://x.example.com\"}");
        ObjectNode before = kept(name);
        String[] fields = opened(name);
        assertEquals("jq", value(fields, "condition-kind"));
        saved(name, fields);
        assertEquals(before, kept(name));
    }

    @Test
    void a_change_of_another_user_can_be_overwritten() {
        String name = make("\"events\": [\"x\"], \"delivery\": {\"url\": \"https://x.example.com\"}");
        String[] opened = opened(name);
        saved(name, opened(name), "timeout", "7s");
        HttpResponse<String> late = save(name, opened, "max-age", "9d");
        assertEquals(422, late.statusCode());
        assertTrue(late.body().contains("name=\"do\" value=\"over-save\""), late.body());
        assertEquals(422, save(name, Visitor.fields(late.body(), "builder")).statusCode());
        assertEquals("7s", kept(name).at("/delivery/timeout").asText());
        assertEquals(
                303,
                sent(name, Visitor.fields(late.body(), "builder"), "over-save").statusCode());
        assertEquals("9d", kept(name).path("maxAge").asText());
        assertTrue(kept(name).at("/delivery/timeout").isMissingNode(), "as it stood in the form");

        late = sent(name, opened, "delete");
        assertTrue(late.body().contains("<b>Not deleted.</b>"), late.body());
        assertTrue(late.body().contains("name=\"do\" value=\"over-delete\""), late.body());
        assertEquals(
                303,
                sent(name, Visitor.fields(late.body(), "builder"), "over-delete")
                        .statusCode());
        assertEquals(404, product.get("/v1/webhooks/" + name, KEY).statusCode());
    }

    @Test
    void the_sample_event_follows_the_event_types_until_it_is_edited() {
        String[] fields = Visitor.fields(anna.get("/console/builder").body(), "builder");
        String sample = value(fields, "sample");
        assertTrue(sample.contains("\"call.ended\""), sample);
        String[] missed = plus(changed(fields, "url", "https://x.example.com"), "event", "call.missed");
        String preview = anna.post("/console/builder-preview", missed).body();
        assertTrue(preview.contains(">matches<"), preview);
        assertTrue(preview.contains("id=\"sample-field\" hx-swap-oob=\"true\""), preview);
        assertTrue(preview.contains("sample-call-missed"), preview);
        assertTrue(preview.contains("hx-swap-oob=\"true\">Call missed</option>"), preview);

        missed = changed(missed, "sample", sample.replace("192", "193"));
        preview = anna.post("/console/builder-preview", missed).body();
        assertTrue(preview.contains("does not subscribe to type call.ended"), preview);
        assertFalse(preview.contains("sample-field"), preview);

        missed = changed(missed, "sample", sample.replace("call.ended", "call.missed"));
        preview = anna.post("/console/builder-preview", missed).body();
        assertFalse(preview.contains("sample-field"), "another type is a change as any other is");

        String name = make("\"events\": [\"recording.available\"], \"delivery\": {\"url\": \"https://x.example.com\"}");
        String[] opened = opened(name);
        assertTrue(value(opened, "sample").contains("\"recording.available\""), value(opened, "sample"));
        assertEquals("recording.available", value(opened, "event"));
        String page = sent(name, changed(opened, "event", "call.modified"), "add-line")
                .body();
        assertTrue(page.contains("sample-call-modified"), page);
    }

    @ParameterizedTest
    @CsvSource({
        "http, signature, of-tomorrow",
        "salesforce, operation, of-tomorrow",
        "salesforce, connection, nowhere",
        "http, client, nowhere"
    })
    void an_error_of_a_choice_belongs_to_it(String to, String choice, String chosen) {
        String page = anna.post(
                        "/console/builder",
                        "name",
                        "chosen",
                        "event",
                        "call.ended",
                        "to",
                        to,
                        "url",
                        "https://x.example.com",
                        "auth",
                        choice.equals("client") ? "oauth2" : "none",
                        choice,
                        chosen,
                        "connection",
                        "sales")
                .body();
        assertTrue(
                Pattern.compile("<select id=\"" + choice + "\"[^>]*aria-describedby=\"" + choice + "-fault\"")
                        .matcher(page)
                        .find(),
                page);
        assertTrue(page.contains("<p class=\"fault\" id=\"" + choice + "-fault\">"), page);
    }

    @Test
    void a_field_inserted_into_a_program_is_a_path_and_into_a_mapping_a_macro() {
        String name = make("\"events\": [\"x\"], \"delivery\": {\"url\": \"https://x.example.com\","
                + " \"bodyJq\": \"{a: .data.agent.id}\"}");
        String page = anna.get("/console/builder/" + name).body();
        assertTrue(page.contains("data-into=\"body\" data-insert=\".data.agent.id\" class=\"used\""), page);
        assertTrue(page.contains("data-into=\"body\" data-insert=\".id\" title"), "another path: " + page);
        assertTrue(page.contains("data-into=\"body\" data-insert=\"{duration}\" title"), page);
        assertTrue(page.contains("data-into=\"fields\" data-insert=\"{duration}\" title"), page);
    }

    @Test
    void a_secret_is_kept_only_for_the_kind_of_authentication_it_was_typed_for() {
        String name = make("\"events\": [\"x\"], \"delivery\": {\"url\": \"https://x.example.com\","
                + " \"authentication\": {\"type\": \"api-key\", \"header\": \"X-Key\", \"value\": \"hush\"}}");
        HttpResponse<String> refused = save(name, opened(name), "auth", "value");
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("id=\"header-value-fault\""), refused.body());
    }

    @Test
    void signing_keys_of_a_webhook_are_shown_and_can_be_removed() {
        String definition =
                "\"events\": [\"x\"], \"delivery\": {\"url\": \"https://x.example.com\", \"signingKeys\": [\"k1\"]}";
        String name = make(definition);
        String[] fields = opened(name);
        assertEquals("k1", value(fields, "signing-keys"));
        HttpResponse<String> refused = save(name, fields, "signature", "none");
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("id=\"signing-keys-fault\""), refused.body());
        saved(name, fields, "signature", "none", "signing-keys", "");
        assertEquals(
                "{\"url\":\"https://x.example.com\",\"signature\":\"none\"}",
                kept(name).path("delivery").toString());
        String other = make(definition);
        saved(other, opened(other), "to", "salesforce", "connection", "sales");
        assertEquals(
                "{\"authentication\":{\"type\":\"salesforce\",\"connection\":\"sales\"}}",
                kept(other).path("delivery").toString());
    }
}
