package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.SigningKey.Scheme;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.signing.HmacKey;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.signing.Signing.Form;
import io.engagementwebhooks.webhook.signing.Validity;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Body.Format;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** Semantics 15 and 16. */
class RequestBuildingTest {

    private static final SigningKey KEY =
            new SigningKey("k1", Scheme.V1, Secret.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00.750Z"));
    private final RequestBuilding building = new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY);
    private final SampleDelivery sample = new SampleDelivery(URI.create("https://crm.example/hooks"))
            .within(Duration.ofSeconds(15))
            .signed(new Signing(Form.STANDARD, List.of(KEY)));

    @Test
    void without_its_own_body_a_webhook_sends_the_event_as_it_was_stored() {
        Delivery delivery = sample.delivery();
        OutgoingRequest request = request(delivery);
        assertSame(delivery.event().document(), request.body());
        assertEquals("application/cloudevents+json", request.header("Content-Type"));
        assertEquals(URI.create("https://crm.example/hooks"), request.url());
        assertEquals("POST", request.method());
        assertEquals(clock.instant().plusSeconds(15), request.deadline());
    }

    @Test
    void an_event_completed_by_a_later_one_keeps_its_numbers_exact() {
        OutgoingRequest request = request(sample.delivery("{\"data\":{\"recording_id\":\"r9\",\"cdr_id\":8}}"));
        assertEquals(
                """
                {"specversion":"1.0","id":"e1","source":"/calls","type":"call.ended",\
                "data":{"cdr_id":7,"duration":1.50,"recording_id":"r9"}}""",
                new String(request.body(), StandardCharsets.UTF_8));
    }

    @Test
    void each_attempt_is_signed_again_over_the_bytes_sent_under_the_same_id() {
        Delivery delivery = sample.delivery();
        OutgoingRequest first = request(delivery);
        clock.pass(Duration.ofSeconds(5));
        OutgoingRequest second = request(delivery);

        assertEquals("msg_" + delivery.id(), first.header("webhook-id"));
        assertEquals(first.header("webhook-id"), second.header("webhook-id"));
        assertEquals("1795521600", first.header("webhook-timestamp"));
        assertEquals("1795521605", second.header("webhook-timestamp"));
        for (OutgoingRequest request : List.of(first, second)) {
            long timestamp = Long.parseLong(request.header("webhook-timestamp"));
            assertEquals(
                    WebhookSigner.sign(delivery.messageId(), timestamp, request.body(), List.of(KEY)),
                    request.header("webhook-signature"));
        }
    }

    @Test
    void while_two_keys_overlap_both_sign_and_a_key_begins_and_ends_by_the_clock() {
        Instant begins = Instant.parse("2026-11-24T13:00:00Z");
        Instant ends = Instant.parse("2026-11-24T14:00:00Z");
        SigningKey next = key("k2", new Validity(begins, Instant.MAX));
        SigningKey last = key("k1", new Validity(Instant.MIN, ends));
        Delivery delivery =
                sample.signed(new Signing(Form.STANDARD, List.of(next, last))).delivery();

        assertEquals(signature(delivery, last), sent(delivery));
        clock.pass(Duration.between(clock.instant(), begins));
        assertEquals(signature(delivery, next, last), sent(delivery));
        clock.pass(Duration.between(clock.instant(), ends).minusNanos(1));
        assertEquals(signature(delivery, next, last), sent(delivery));
        clock.pass(Duration.ofNanos(1));
        assertEquals(signature(delivery, next), sent(delivery));
    }

    @Test
    void a_webhook_with_expired_keys_sends_only_id_and_time() {
        SigningKey ended = key("k1", new Validity(Instant.MIN, clock.instant()));
        for (Form form : Form.values()) {
            OutgoingRequest request =
                    request(sample.signed(new Signing(form, List.of(ended))).delivery());
            assertEquals(Set.of("Content-Type", "webhook-id", "webhook-timestamp"), names(request));
        }
    }

    @Test
    void the_form_of_the_signature_is_the_webhooks_choice() {
        Map<Form, Set<String>> expected = Map.of(
                Form.NONE, Set.of(),
                Form.STANDARD, Set.of("webhook-signature"),
                Form.RFC9421, Set.of("Content-Digest", "Signature-Input", "Signature"),
                Form.BOTH, Set.of("webhook-signature", "Content-Digest", "Signature-Input", "Signature"));
        expected.forEach((form, headers) -> {
            Set<String> sent =
                    names(request(sample.signed(new Signing(form, List.of(KEY))).delivery()));
            sent.removeAll(Set.of("Content-Type", "webhook-id", "webhook-timestamp"));
            assertEquals(headers, sent, form.text());
        });
    }

    private static SigningKey key(String id, Validity validity) {
        return new SigningKey(
                id, Scheme.V1, HmacKey.generate(new SecureRandom()).text(), validity);
    }

    private String sent(Delivery delivery) {
        return request(delivery).header("webhook-signature");
    }

    private String signature(Delivery delivery, SigningKey... keys) {
        return WebhookSigner.sign(
                delivery.messageId(),
                clock.instant().getEpochSecond(),
                delivery.event().document(),
                List.of(keys));
    }

    @Test
    void the_message_becomes_the_request_and_the_delivery_stays_available() {
        Delivery delivery = sample.delivery();
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getIn().setBody(delivery);
        building.process(exchange);
        assertArrayEquals(delivery.event().document(), exchange.getIn().getBody(byte[].class));
        assertSame(delivery, DeliveryContext.delivery(exchange));
    }

    @Test
    void a_template_fills_the_body_and_its_format_names_the_content_type() {
        Body json = new Body.Templated(Template.json("{\"call\": \"{cdr_id}\", \"s\": {duration}}"), Format.JSON);
        OutgoingRequest request = request(sample.sending(json).delivery());
        assertEquals("{\"call\": \"7\", \"s\": 1.50}", text(request));
        assertEquals("application/json", request.header("Content-Type"));
    }

    @Test
    void form_fields_are_encoded_and_what_is_missing_is_empty() {
        Map<String, Template> fields = new LinkedHashMap<>();
        fields.put("call id", Template.text("a&b={cdr_id}"));
        fields.put("none", Template.text("{missing}"));
        OutgoingRequest request = request(sample.sending(new Body.Form(fields)).delivery());
        assertEquals("call+id=a%26b%3D7&none=", text(request));
        assertEquals("application/x-www-form-urlencoded", request.header("Content-Type"));
    }

    @Test
    void a_program_returns_a_body_or_the_fields_of_a_form() {
        JqProgram program = JqProgram.compile("{id: .data.cdr_id, text: \"a b\", none: null, list: [1, 2]}");
        assertEquals(
                "{\"id\":7,\"text\":\"a b\",\"none\":null,\"list\":[1,2]}",
                text(request(
                        sample.sending(new Body.Program(program, Format.JSON)).delivery())));
        assertEquals(
                "id=7&text=a+b&none=&list=%5B1%2C2%5D",
                text(request(
                        sample.sending(new Body.Program(program, Format.FORM)).delivery())));
    }

    @Test
    void half_a_surrogate_pair_stays_an_escape_in_json_and_is_replaced_in_forms() {
        JqProgram program = JqProgram.compile("{name: \"a\\ud83d\"}");

        assertEquals(
                "{\"name\":\"a\\ud83d\"}",
                text(request(
                        sample.sending(new Body.Program(program, Format.JSON)).delivery())));
        assertEquals(
                "name=a%EF%BF%BD",
                text(request(
                        sample.sending(new Body.Program(program, Format.FORM)).delivery())));
    }

    @Test
    void a_program_that_returns_nothing_or_no_form_is_a_body_fault() {
        for (Body body : List.of(
                new Body.Program(JqProgram.compile("7"), Format.FORM),
                new Body.Program(JqProgram.compile("empty"), Format.JSON))) {
            Delivery delivery = sample.sending(body).delivery();
            assertThrows(BodyFault.class, () -> request(delivery));
        }
    }

    @Test
    void own_headers_are_rendered_omitted_if_empty_and_override_the_content_type() {
        Map<String, Template> headers = Map.of(
                "X-Call", Template.header("X-Call", "{cdr_id}"),
                "X-None", Template.header("X-None", "{missing}"),
                "content-type", Template.header("content-type", "application/vnd.call+json"));
        OutgoingRequest request = request(sample.delivery(headers));
        assertEquals("7", request.header("X-Call"));
        assertNull(request.header("X-None"));
        assertEquals("application/vnd.call+json", request.header("content-type"));
    }

    private OutgoingRequest request(Delivery delivery) {
        return building.request(delivery, delivery.receiver());
    }

    private static Set<String> names(OutgoingRequest request) {
        Set<String> names = new HashSet<>();
        request.forEachHeader((name, value) -> names.add(name));
        return names;
    }

    private static String text(OutgoingRequest request) {
        return new String(request.body(), StandardCharsets.UTF_8);
    }
}
