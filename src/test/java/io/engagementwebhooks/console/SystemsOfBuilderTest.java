package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.changed;
import static io.engagementwebhooks.console.Visitor.plus;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.webhooks.BuilderView;
import io.engagementwebhooks.console.webhooks.WebhookForm;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.EventCatalog;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The builder offers the Kamelets of the operator, here {@code kafka-sink} (semantics 50). */
@Timeout(300)
class SystemsOfBuilderTest {

    private static final String KEY = "acme-admin-key-of-systems";
    private static final String TOPIC = "kamelet.kafka-sink.topic";
    private static final String PASSWORD = "kamelet.kafka-sink.saslPassword";

    private static RunningProduct product;
    private static Visitor anna;

    @BeforeAll
    static void start() {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %s}]
                    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                """
                        .formatted(KEY));
        anna = Visitor.signedIn(product, KEY);
    }

    @AfterAll
    static void stop() {
        product.close();
    }

    private static HttpResponse<String> save(String path, String... changes) {
        String[] fields = Visitor.fields(anna.get(path).body(), "builder");
        return anna.post(path, plus(changed(fields, changes), "do", "save"));
    }

    private static JsonNode delivery(String webhook) {
        return product.read("/v1/webhooks/" + webhook, KEY).at("/definition/delivery");
    }

    private static void make(String name, String delivery) {
        String definition =
                "{\"name\": \"" + name + "\", \"events\": [\"call.ended\"], \"delivery\": " + delivery + "}";
        assertEquals(
                201,
                product.post("/v1/webhooks", KEY, "application/json", definition)
                        .statusCode());
    }

    @Test
    void the_gallery_says_what_a_system_is_and_needs_and_shows_no_value_of_the_operator() {
        String page = anna.get("/console/builder").body();
        assertTrue(page.contains("Another system"), page);
        assertTrue(
                page.contains(">Kafka Sink</label><p id=\"of-system-kafka-sink\">Send data to Kafka topics. <"), page);
        assertTrue(page.contains("You need: Topic Names<"), page);
        assertFalse(page.contains("Bootstrap Servers"), page);
        assertFalse(page.contains("127.0.0.1:1\""), page);
        assertTrue(page.contains("id=\"" + PASSWORD + "\" name=\"" + PASSWORD + "\" type=\"password\""), page);
    }

    @Test
    void an_icon_comes_from_this_origin_and_runs_nothing() {
        HttpResponse<String> page = anna.get("/console/builder");
        assertFalse(page.body().contains("data:image"));
        assertTrue(page.headers()
                .firstValue("Content-Security-Policy")
                .orElseThrow()
                .contains("img-src 'self';"));
        Matcher icon = Pattern.compile("<img src=\"(/console/assets/kafka-sink-[^\"]+)\"")
                .matcher(page.body());
        assertTrue(icon.find(), page.body());
        HttpResponse<String> image = anna.get(icon.group(1));
        assertEquals("image/svg+xml", image.headers().firstValue("Content-Type").orElseThrow());
        assertTrue(image.headers()
                .firstValue("Content-Security-Policy")
                .orElseThrow()
                .startsWith("default-src 'none'"));
    }

    @Test
    void a_webhook_to_a_system_is_created_shown_and_changed_and_keeps_its_password() {
        String[] chosen = {
            "name", "by-form", "to", "kamelet", "other-events", "call.ended", TOPIC, "calls", PASSWORD, "hush-1"
        };
        String[] fields = Visitor.fields(anna.get("/console/builder").body(), "builder");
        HttpResponse<String> saved =
                anna.post("/console/builder", plus(changed(fields, chosen), "kamelet", "kafka-sink", "do", "save"));
        assertEquals(303, saved.statusCode(), saved.body());
        assertEquals("kafka-sink", delivery("by-form").at("/kamelet/name").asText());
        assertEquals(
                "calls", delivery("by-form").at("/kamelet/properties/topic").asText());

        String edit = anna.get("/console/builder/by-form").body();
        assertFalse(edit.contains("hush-1") || edit.contains("***"), edit);
        assertTrue(edit.contains("Leave empty to keep the stored value."), edit);
        assertEquals(303, save("/console/builder/by-form", TOPIC, "texts").statusCode());
        assertEquals(
                "texts", delivery("by-form").at("/kamelet/properties/topic").asText());
        assertEquals(
                "***",
                delivery("by-form").at("/kamelet/properties/saslPassword").asText());

        assertTrue(anna.get("/console/webhooks").body().contains(">Kafka Sink</td>"));
        String configuration =
                anna.get("/console/webhooks/by-form?tab=configuration").body();
        assertTrue(
                configuration.contains("<dt>System</dt><dd><span class=\"mono\">Kafka Sink</span></dd>"),
                configuration);
        assertTrue(
                configuration.contains("<dt>Topic Names</dt><dd><span class=\"mono\">texts</span></dd>"),
                configuration);
    }

    @Test
    void a_missing_or_refused_value_is_named_at_its_field() {
        make("faulty", "{\"kamelet\": {\"name\": \"kafka-sink\", \"properties\": {\"topic\": \"calls\"}}}");
        HttpResponse<String> missing = save("/console/builder/faulty", TOPIC, "");
        assertEquals(422, missing.statusCode());
        assertTrue(missing.body().contains("href=\"#" + TOPIC + "\">Enter the Topic Names.<"), missing.body());
        HttpResponse<String> refused = save("/console/builder/faulty", TOPIC, "x?bridgeEndpoint=true");
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("Topic Names takes 1 to 500 letters"), refused.body());
        assertEquals("calls", delivery("faulty").at("/kamelet/properties/topic").asText());
    }

    @Test
    void a_system_must_be_chosen() {
        String[] fields = Visitor.fields(anna.get("/console/builder").body(), "builder");
        HttpResponse<String> refused = anna.post(
                "/console/builder",
                plus(changed(fields, "name", "of-none", "to", "kamelet", "other-events", "call.ended"), "do", "save"));
        assertTrue(refused.body().contains("href=\"#kamelet\">Choose a system.<"), refused.body());
    }

    @Test
    void a_webhook_changes_from_a_url_to_a_system_and_back_without_rests() throws Exception {
        make(
                "changes",
                """
                {"url": "https://x.example.com", "method": "PUT", "headers": {"X-A": "b"}, "bodyJq": "{a: .data.x}",
                 "authentication": {"type": "header", "user": "u", "password": "p"}, "timeout": "5s"}""");
        HttpResponse<String> changed = anna.post(
                "/console/builder/changes",
                plus(
                        changed(
                                Visitor.fields(
                                        anna.get("/console/builder/changes").body(), "builder"),
                                "to",
                                "kamelet",
                                TOPIC,
                                "calls"),
                        "kamelet",
                        "kafka-sink",
                        "do",
                        "save"));
        assertEquals(303, changed.statusCode(), changed.body());
        assertEquals(
                new JsonMapper()
                        .readTree(
                                "{\"bodyJq\": \"{a: .data.x}\", \"timeout\": \"5s\", \"kamelet\": {\"name\": \"kafka-sink\", \"properties\": {\"topic\": \"calls\"}}}"),
                delivery("changes"));

        assertEquals(
                303,
                save("/console/builder/changes", "to", "http", "url", "https://y.example.com")
                        .statusCode());
        assertFalse(delivery("changes").has("kamelet"), delivery("changes").toString());
    }

    @Test
    void without_a_kamelet_of_the_operator_the_choice_does_not_appear() {
        WebhookForm none = new WebhookForm(EventCatalog.BUILT_IN, List.of());
        Form form = new Form(Map.of("to", List.of("http")));
        assertFalse(new BuilderView(null, form, null, none, null, null, null)
                .choices("to")
                .containsKey("kamelet"));
        Form former = form.with("to", "kamelet");
        assertTrue(
                new BuilderView(null, former, null, none, null, null, null)
                        .choices("to")
                        .containsKey("kamelet"),
                "a webhook of a Kamelet that is not offered any more still shows what it is");
    }
}
