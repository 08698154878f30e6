package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.SigningKey.Scheme;
import io.engagementwebhooks.webhook.signing.HmacKey;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.signing.Signing.Form;
import io.engagementwebhooks.webhook.template.Template;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An HTTP message signature covers the sent request: the tests build the signature base as a receiver does. */
class SignedAsSentTest {

    private static final SigningKey KEY =
            new SigningKey("k1", Scheme.V1, HmacKey.generate(new SecureRandom()).text());

    private final SettableClock clock = new SettableClock(Instant.now());
    private final RequestBuilding building = new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY);
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
    private final EgressClient egress = new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8,::1", "", "")), "test", clock, TestResolver.OF_MACHINE);

    @AfterEach
    void close() throws IOException {
        egress.close();
        receiver.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:PORT",
                "127.0.0.1:PORT?",
                "127.0.0.1:PORT/",
                "127.0.0.1:PORT?a=b",
                "127.0.0.1:PORT/a%2Fb/%e2%82%ac/../c;d=1/?x=%2B&y=a+b&y=%20&z",
                "localhost:PORT/hooks",
                "LOCALHOST:PORT/HOOKS",
            })
    void the_signed_target_matches_host_header_and_request_line(String authorityAndPath) throws IOException {
        URI url = URI.create("http://"
                + authorityAndPath.replace(
                        "PORT", Integer.toString(receiver.url().getPort())));
        Receiver.Got got =
                sent(new SampleDelivery(url).signed(signedBy(Form.RFC9421)).delivery());
        assertSignatureIsOf(got, "http://" + got.header("Host") + got.target());
    }

    @Test
    void the_webhooks_content_type_is_signed_as_sent() throws IOException {
        Map<String, Template> headers =
                Map.of("content-TYPE", Template.header("content-type", " text/plain;  charset=\"utf-8\" "));
        Receiver.Got got = sent(
                new SampleDelivery(receiver.url()).signed(signedBy(Form.BOTH)).delivery(headers));
        assertSignatureIsOf(got, receiver.url().toString());
        assertTrue(got.header("webhook-signature").startsWith("v1,"));
    }

    private Receiver.Got sent(Delivery delivery) throws IOException {
        assertEquals(
                204,
                egress.send(building.request(delivery, delivery.receiver())).status());
        return receiver.requests().get(receiver.requests().size() - 1);
    }

    private static Signing signedBy(Form form) {
        return new Signing(form, List.of(KEY));
    }

    private void assertSignatureIsOf(Receiver.Got got, String targetUri) {
        byte[] body = got.body().getBytes(StandardCharsets.UTF_8);
        assertEquals(ContentDigest.of(body), got.header("Content-Digest"));
        long created = clock.instant().getEpochSecond();
        String input = "(\"@method\" \"@target-uri\" \"content-type\" \"content-digest\" \"webhook-id\""
                + " \"webhook-timestamp\");created=" + created
                + ";keyid=\"acme/k1\";alg=\"hmac-sha256\";tag=\"engagement-webhooks\"";
        assertEquals("sig1=" + input, got.header("Signature-Input"));
        String base = "\"@method\": " + got.method()
                + "\n\"@target-uri\": " + targetUri
                + "\n\"content-type\": " + got.header("Content-Type").strip()
                + "\n\"content-digest\": " + got.header("Content-Digest")
                + "\n\"webhook-id\": " + got.header("webhook-id")
                + "\n\"webhook-timestamp\": " + got.header("webhook-timestamp")
                + "\n\"@signature-params\": " + input;
        assertEquals(
                "sig1=" + StructuredField.bytes(KEY.sign(base.getBytes(StandardCharsets.US_ASCII))),
                got.header("Signature"));
    }
}
