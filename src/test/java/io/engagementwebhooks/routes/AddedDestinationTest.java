package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code examples/add-a-destination}: a third destination is a route file, a Kamelet and a mapping, and no Java; a product of
 * its own has them.
 */
@Timeout(300)
class AddedDestinationTest {

    private static final Path EXAMPLE = Path.of("examples/add-a-destination");
    private static final String KEY = "a-key-of-acme-that-may-do-all";
    private static final String TOKEN = "Bearer pat-eu1-of-a-private-app";
    private static final Set<String> PROPERTIES =
            Set.of("hs_timestamp", "hs_call_title", "hs_call_duration", "hs_call_direction", "hs_call_status");

    @TempDir
    Path folder;

    /** HubSpot's API for calls: a private app's token, JSON with one object of texts, properties that exist. */
    private static Reply hubspot(Receiver.Got got) {
        if (!got.target().getPath().equals("/crm/v3/objects/calls")
                || !got.method().equals("POST")) {
            return new Reply(404);
        }
        if (!TOKEN.equals(got.header("Authorization"))) {
            return new Reply(401);
        }
        if (!"application/json".equals(got.header("Content-Type"))) {
            return new Reply(415);
        }
        JsonNode call = json(got.body());
        JsonNode properties = call.path("properties");
        boolean known = call.size() == 1
                && properties.isObject()
                && properties.properties().stream()
                        .allMatch(p ->
                                PROPERTIES.contains(p.getKey()) && p.getValue().isTextual());
        return new Reply(known && properties.hasNonNull("hs_timestamp") ? 201 : 400);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void an_event_becomes_a_call_in_hubspot_with_retries_and_record_like_any_other() throws Exception {
        AtomicInteger first = new AtomicInteger();
        try (Receiver hubspot = new Receiver(got -> first.getAndIncrement() == 0 ? new Reply(502) : hubspot(got));
                RunningProduct product = start(hubspot)) {
            assertEquals(
                    202,
                    product.post("/v1/events", KEY, "application/cloudevents+json", WholeProduct.callEnded("e1"))
                            .statusCode());

            JsonNode delivery =
                    product.awaitDeliveries(KEY, "e1", 1, "delivered").get(0);

            assertEquals(2, delivery.get("attemptCount").asInt());
            Receiver.Got got = hubspot.requests().get(1);
            assertEquals(
                    json(
                            """
                    {"properties": {"hs_timestamp": "2026-11-24T09:27:55Z", "hs_call_title": "Call 914022177",
                     "hs_call_duration": "192000", "hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED"}}
                    """),
                    json(got.body()));
            assertTrue(
                    delivery.get("id")
                            .asText()
                            .endsWith(got.header("webhook-id").replace("msg_", "")),
                    "the message's own id");
            JsonNode webhook = product.read("/v1/webhooks", KEY).get("items").get(0);
            assertEquals(
                    "hubspot",
                    webhook.at("/definition/delivery/authentication/destination")
                            .asText());
            assertTrue(!webhook.toString().contains("pat-eu1"), "the token is no one's to read");
        }
    }

    /** As the walk-through says: the product's own routes, and the example's files among them. */
    private RunningProduct start(Receiver hubspot) throws IOException {
        copy(Path.of("routes"), folder.resolve("routes"));
        copy(EXAMPLE.resolve("routes"), folder.resolve("routes"));
        copy(EXAMPLE.resolve("kamelet-catalog"), folder.resolve("kamelet-catalog"));
        String webhooks = Files.readString(EXAMPLE.resolve("webhooks.yaml"))
                .replace(
                        "https://api.hubapi.com",
                        hubspot.url().resolve("/").toString().replaceFirst("/$", ""))
                .replace("\"{{env:ACME_KEY}}\"", KEY)
                .replace("\"{{env:HUBSPOT_AUTHORIZATION}}\"", TOKEN)
                .replace("        delivery:", "        retry: [100ms, 100ms]\n        delivery:");
        return RunningProduct.start(
                folder,
                webhooks,
                "camel.component.kamelet.location=file:" + folder.resolve("kamelet-catalog") + ",classpath:kamelets");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void it_takes_three_files_none_of_which_the_product_has() throws IOException {
        Set<String> files = new TreeSet<>();
        try (Stream<Path> all = Files.walk(EXAMPLE)) {
            all.filter(Files::isRegularFile)
                    .map(file -> EXAMPLE.relativize(file).toString())
                    .forEach(files::add);
        }
        assertEquals(
                List.of(
                        "README.md",
                        "kamelet-catalog/hubspot-call-action.kamelet.yaml",
                        "routes/35-deliver-hubspot.camel.yaml",
                        "webhooks.yaml"),
                List.copyOf(files));
        assertTrue(Files.notExists(Path.of("routes/35-deliver-hubspot.camel.yaml")));
        String page = Files.readString(EXAMPLE.resolve("README.md"));
        files.stream()
                .filter(file -> !file.equals("README.md"))
                .forEach(file -> assertTrue(page.contains("(" + file + ")"), file));
    }
}
