package io.engagementwebhooks.operate.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.standardwebhooks.Webhook;
import io.engagementwebhooks.console.Visitor;
import io.engagementwebhooks.operate.CommandLine;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.ListenCommand;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The command {@code listen} of the jar against a running product (semantics 49). */
@Timeout(300)
class ListenTest {

    private static final String READ = "acme-read-key-000000";
    private static final String ADMIN = "acme-admin-key-00000";
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @AutoClose
    private final Receiver real = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final Receiver local =
            new Receiver(got -> new Receiver.Reply(got.body().contains("unlucky") ? 503 : 201));

    @AutoClose
    private RunningProduct product;

    @BeforeEach
    void start() {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: dashboard, role: read, key: acme-read-key-000000}
                      - {name: platform, role: ingest, key: acme-ingest-key-0000}
                      - {name: staff, role: admin, key: acme-admin-key-00000}
                    signingKeys: [{id: k1, secret: %s}]
                    webhooks:
                      - name: crm
                        events: [call.ended]
                        condition: .data.duration >= 120
                        delivery:
                          url: "%s"
                          authentication: {type: header, value: "Bearer the-real-token"}
                          headers: {X-Source: pbx, X-Api-Key: a-key-of-crm}
                          body: '{"call": "{cdr_id}"}'
                """
                        .formatted(SECRET, real.url()));
    }

    private ListenCommand listen(String key, String... others) {
        ListenCommand command = ListenCommand.start(product.key(key), product.url(""), local.url(), others);
        command.await(1, "listening: .*");
        return command;
    }

    private void send(String id, String type, int duration) {
        HttpResponse<String> accepted = product.postEvent(
                ADMIN,
                "{\"id\": \"%s\", \"source\": \"/t\", \"type\": \"%s\", \"data\": {\"cdr_id\": \"%s\", \"duration\": %d}}"
                        .formatted(id, type, id, duration));
        assertEquals(202, accepted.statusCode(), accepted.body());
    }

    private JsonNode only(String eventId, boolean test) {
        return Awaitility.await()
                .until(
                        () -> product.read("/v1/deliveries?event=" + eventId + "&test=" + test, ADMIN)
                                .get("items"),
                        items -> items.size() == 1)
                .get(0);
    }

    @Test
    void each_event_arrives_signed_at_the_local_address_with_one_line_and_is_kept_as_a_test() throws Exception {
        try (ListenCommand command = listen(READ)) {
            send("one", "call.ended", 184);
            send("unlucky", "call.missed", 0);
            command.await(1, "\\d\\d:\\d\\d(:\\d\\d)?  call\\.ended  evt_\\d+  201  \\d+ ms");
            command.await(1, "\\d\\d:\\d\\d(:\\d\\d)?  call\\.missed  evt_\\d+  503  \\d+ ms");
            assertEquals(3, command.lines().size(), command.lines().toString());
        }
        Receiver.Got got = local.requests().get(0);
        assertEquals("/hooks?x=%2B", got.target().toString());
        new Webhook(SECRET).verify(got.body(), HttpHeaders.of(got.headers(), (name, value) -> true));
        assertEquals("application/cloudevents+json", got.header("Content-Type"));
        assertTrue(got.header("User-Agent").startsWith("engagement-webhooks/"), got.header("User-Agent"));

        JsonNode kept = only("one", true);
        assertEquals("delivered", kept.get("state").asText());
        assertEquals("(listen)", kept.get("webhook").asText());
        assertEquals(201, kept.get("httpStatus").asInt());
        assertEquals(got.header("webhook-id"), kept.get("id").asText());
        JsonNode attempt = product.read("/v1/deliveries/" + kept.get("id").asText() + "/attempts", ADMIN)
                .at("/items/0");
        assertEquals(
                got.header("webhook-signature"),
                attempt.at("/request/headers/webhook-signature").asText());
        JsonNode failed = only("unlucky", true);
        assertEquals("gave-up", failed.get("state").asText());
        assertTrue(failed.get("reason").asText().contains("503"), failed.toString());
        assertTrue(failed.get("next").isNull(), "nothing is retried: " + failed);
    }

    @Test
    void real_deliveries_and_statistics_are_as_without_a_listener() {
        try (ListenCommand command = listen(READ)) {
            send("both", "call.ended", 184);
            command.await(1, ".*  201  .*");
        }
        JsonNode real = only("both", false);
        product.awaitDeliveries(ADMIN, "both", 2, "delivered");
        assertEquals("crm", real.get("webhook").asText());
        assertEquals(1, this.real.requests().size());
        JsonNode figures = Awaitility.await().until(() -> product.read("/v1/figures", ADMIN), read -> read.toString()
                .contains("\"delivered\":1"));
        assertFalse(figures.toString().contains("\"delivered\":2"), figures.toString());
        assertFalse(product.read("/v1/webhooks", ADMIN).toString().contains("(listen)"));
        assertEquals(
                1,
                product.read("/v1/webhooks/crm/statistics", ADMIN)
                        .findValue("delivered")
                        .asInt());
        String late = "{\"name\": \"late\", \"events\": [\"call.ended\"], \"delivery\": {\"url\": \"%s\"}}";
        HttpResponse<String> created =
                product.post("/v1/webhooks", ADMIN, "application/json", late.formatted(this.real.url()));
        assertEquals(201, created.statusCode(), created.body());
        JsonNode missing = RunningProduct.json(product.post(
                "/v1/webhooks/late/backfill",
                ADMIN,
                "application/json",
                "{\"from\": \"2026-01-01T00:00:00Z\", \"dryRun\": true}"));
        assertEquals(1, missing.get("events").asInt(), "a test is no delivery of the event: " + missing);
    }

    @Test
    void a_listener_of_a_webhook_gets_what_it_would_send_without_credentials() {
        try (ListenCommand command = listen(READ, "--webhook", "crm")) {
            send("short", "call.ended", 5);
            send("other", "call.missed", 500);
            send("long", "call.ended", 184);
            command.await(1, ".*  call\\.ended  .*  201  .*");
            assertEquals(2, command.lines().size(), command.lines().toString());
        }
        Receiver.Got got = local.requests().get(0);
        assertEquals("{\"call\": \"long\"}", got.body());
        assertEquals("pbx", got.header("X-Source"));
        assertNull(got.header("X-Api-Key"));
        assertNull(got.header("Authorization"));
        assertEquals("crm", only("long", true).get("webhook").asText());
        Receiver.Got delivered = Awaitility.await()
                .until(real::requests, requests -> !requests.isEmpty())
                .get(0);
        assertEquals("Bearer the-real-token", delivered.header("Authorization"));
        Set<String> names = new TreeMap<>(delivered.headers()).keySet();
        List<String> missing = new ArrayList<>(names);
        missing.removeAll(got.headers().keySet());
        assertEquals(List.of("Authorization", "X-api-key"), missing, "all others are sent");
    }

    @Test
    void the_line_says_that_the_receiver_is_down_and_that_an_event_makes_no_request() {
        URI down = URI.create("http://127.0.0.1:" + FreePort.any() + "/hook");
        try (ListenCommand command =
                ListenCommand.start(product.key(READ), product.url(""), down, "--events", "call.*")) {
            command.await(1, "listening: .*");
            send("down", "call.ended", 184);
            send("not-asked-for", "order.sold", 1);
            command.await(1, ".*  nothing listens at 127\\.0\\.0\\.1:\\d+  \\d+ ms");
            assertEquals(2, command.lines().size(), command.lines().toString());
        }
        JsonNode kept = only("down", true);
        assertEquals("gave-up", kept.get("state").asText());
        assertTrue(
                kept.get("reason").asText().startsWith("The listener got no response from " + down), kept.toString());
        HttpResponse<String> changed = product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                "{\"name\": \"faulty\", \"events\": [\"*\"], \"condition\": \"error(\\\"no number\\\")\", \"delivery\": {\"url\": \""
                        + real.url() + "\"}}");
        assertEquals(201, changed.statusCode(), changed.body());
        try (ListenCommand command = listen(READ, "--webhook", "faulty")) {
            send("faulty", "call.ended", 184);
            command.await(1, ".*  not sent: .*no number.*");
        }
    }

    private HttpResponse<InputStream> open(String key) throws Exception {
        HttpRequest request = product.request("/v1/listen", key)
                .header("Accept", "text/event-stream")
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    @Test
    void an_account_has_five_listeners_and_a_place_is_free_when_one_ends() throws Exception {
        List<HttpResponse<InputStream>> open = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            open.add(open(READ));
            assertEquals(200, open.get(i).statusCode());
        }
        HttpResponse<InputStream> sixth = open(READ);
        assertEquals(429, sixth.statusCode());
        assertTrue(new String(sixth.body().readAllBytes(), StandardCharsets.UTF_8).contains("too-many-listeners"));
        open.get(0).body().close();
        Awaitility.await().until(() -> {
            HttpResponse<InputStream> next = open(READ);
            open.add(next);
            return next.statusCode() == 200;
        });
        for (HttpResponse<InputStream> each : open) {
            each.body().close();
        }
    }

    @Test
    void the_builder_says_the_command_with_a_key_that_is_for_it_alone_and_ends_with_the_portal_session() {
        String sessions = "/v1/accounts/" + product.account("acme") + "/portal-sessions";
        JsonNode portal = RunningProduct.json(product.post(sessions, ADMIN, "application/json", "{}"));
        Visitor visitor = new Visitor(product);
        String token = portal.get("url").asText().split("token=")[1];
        assertEquals(303, visitor.post("/console/sign-in/link", "token", token).statusCode());
        String page = visitor.get("/console/builder/" + product.webhookId(ADMIN, "crm"))
                .body();
        Matcher said = Pattern.compile(
                        "ENGAGEMENT_WEBHOOKS_KEY=(listen_[\\w-]+) java -jar engagement-webhooks.jar listen .*\\s+"
                                + "--to http://localhost:3000/hook .*\\s+--url '(.*)' .*\\s+--webhook 'crm'")
                .matcher(page);
        assertTrue(said.find(), page);
        assertEquals(product.url("").toString(), said.group(2));
        String key = said.group(1);
        assertEquals(401, product.get("/v1/webhooks", key).statusCode());
        try (ListenCommand command = ListenCommand.start(key, product.url(""), local.url(), "--webhook", "crm")) {
            command.await(1, "listening: .*");
            send("portal", "call.ended", 184);
            command.await(1, ".*  call\\.ended  evt_\\d+  201  \\d+ ms");
            HttpRequest revoke = product.request(
                            sessions + "/" + portal.get("id").asText(), ADMIN)
                    .DELETE()
                    .build();
            assertEquals(204, product.send(revoke).statusCode());
            command.await(1, "the key or the portal session of this listener has ended");
            assertEquals(0, command.exitCode());
        }
        assertEquals(401, product.get("/v1/listen", key).statusCode());
        String other = Visitor.signedIn(product, ADMIN).get("/console/builder").body();
        assertTrue(other.contains("ENGAGEMENT_WEBHOOKS_KEY=\"$KEY\" java -jar"), other);
    }

    @Test
    void keys_that_may_not_read_and_wrong_arguments_end_the_command() {
        try (ListenCommand refused =
                ListenCommand.start(product.key("acme-ingest-key-0000"), product.url(""), local.url())) {
            assertEquals(1, refused.exitCode());
            refused.await(1, ".* answered 403: key 'platform' has the role ingest and may not read");
        }
        try (ListenCommand unknown =
                ListenCommand.start(product.key(READ), product.url(""), local.url(), "--webhook", "nope")) {
            assertEquals(1, unknown.exitCode());
            unknown.await(1, ".* answered 404: this account has no webhook of that name or id");
        }
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(printed, true, StandardCharsets.UTF_8);
        assertEquals(2, Listen.run(err, err, "key", List.of("--to", "localhost:3000", "--url", "https://a.example")));
        assertEquals(2, Listen.run(err, err, " ", List.of()));
        assertEquals(2, CommandLine.in(Path.of(""), err, err, "listen", "--nope", "x"));
        assertEquals(
                List.of(
                        "listen needs --to with the URL of your receiver, such as http://localhost:3000/hook; see --help",
                        "listen needs an API key of role read in ENGAGEMENT_WEBHOOKS_KEY; see --help"),
                printed.toString(StandardCharsets.UTF_8).lines().limit(2).toList());
    }
}
