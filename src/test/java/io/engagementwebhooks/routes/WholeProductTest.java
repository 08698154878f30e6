package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.json;
import static io.engagementwebhooks.routes.WholeProduct.toContentsquare;
import static io.engagementwebhooks.routes.WholeProduct.toSalesforce;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The main job, end to end: real routes, a real store, real HTTP on loopback. */
@Timeout(300)
class WholeProductTest {

    private static final String NONE = "authentication: {type: none}";
    private static final String EVIL_NAME = "Åsa \"the\nCRM\", {duration} \\ \u0001 & x=1\"}";

    @TempDir
    Path folder;

    private final WholeProduct whole = new WholeProduct();
    private final List<Receiver> receivers = new ArrayList<>();

    @AfterEach
    void close() {
        whole.close();
        receivers.forEach(Receiver::close);
    }

    private Receiver receiver(Function<Got, Reply> behaviour) {
        Receiver receiver = new Receiver(behaviour);
        receivers.add(receiver);
        return receiver;
    }

    private Receiver receiver() {
        return receiver(got -> new Reply(200));
    }

    @Test
    void one_call_arrives_at_all_four_destinations_with_what_each_asked_for() {
        Receiver partner = receiver();
        Receiver crm = receiver(got -> new Reply(authorized(got) ? 200 : 401));
        RunningProduct product = whole.start(
                webhook("partner", partner.url(), "authentication: {type: header, user: partner, password: päss}")
                        + webhook(
                                "crm",
                                crm.url(),
                                "body: '{\"call\": \"{cdr_id}\", \"seconds\": {duration}}', headers: {X-Campaign: \"{source_name}\"},"
                                        + " authentication: {type: oauth2, client: crm}")
                        + toSalesforce("tasks")
                        + toContentsquare("sessions"));
        String event = callEnded("e1", sent -> sent.put("account", product.account("acme")));

        assertEquals(4, whole.accept(event));
        whole.await("e1", DeliveryState.DELIVERED);

        Got atPartner = only(partner);
        assertEquals(event, atPartner.body());
        assertEquals("application/cloudevents+json", atPartner.header("Content-Type"));
        assertEquals("Basic cGFydG5lcjpww6Rzcw==", atPartner.header("Authorization"));
        assertEquals("msg_" + whole.delivery("e1", "partner").id(), atPartner.header("webhook-id"));

        Got atCrm = only(crm);
        assertEquals("{\"call\": \"914022177\", \"seconds\": 192}", atCrm.body());
        assertEquals("Autumn campaign", atCrm.header("X-Campaign"));
        assertEquals("application/json", atCrm.header("Content-Type"));

        assertEquals(1, whole.salesforce.records().size());
        JsonNode task = whole.salesforce.records().get(0).fields();
        assertEquals("914022177", task.get("Call_Id__c").asText());
        assertEquals(192, task.get("CallDurationInSeconds").asInt());

        JsonNode session =
                whole.contentsquare.accepted().entrySet().iterator().next().getValue();
        ContentsquareStandIn.Key key =
                whole.contentsquare.accepted().keySet().iterator().next();
        assertEquals(
                List.of(1337L, "ae267-6g87D-88Nn6od", 4L), List.of(key.projectId(), key.userId(), key.sessionNumber()));
        assertTrue(session.toString().contains("192000"), session::toString);

        for (String webhook : List.of("partner", "crm", "tasks", "sessions")) {
            assertEquals(List.of("delivered"), outcomes("e1", webhook), webhook);
        }
    }

    @Test
    void a_receiver_that_fails_twice_gets_it_at_the_third_attempt_under_the_same_id() {
        List<Integer> answers = new CopyOnWriteArrayList<>(List.of(500, 503, 200));
        Receiver receiver = receiver(got -> new Reply(answers.remove(0)));
        whole.start(webhook("flaky", receiver.url(), NONE));

        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);

        assertEquals(List.of("try-later", "try-later", "delivered"), outcomes("e1", "flaky"));
        assertEquals(
                List.of(500, 503, 200),
                whole.attempts("e1", "flaky").stream().map(AttemptRow::status).toList());
        assertEquals(
                1,
                receiver.requests().stream()
                        .map(got -> got.header("webhook-id"))
                        .distinct()
                        .count());
    }

    @Test
    void a_delivery_waits_for_the_field_that_a_later_event_of_the_call_brings() {
        Receiver archive = receiver();
        whole.start(
                "- {name: archive, events: [call.ended], delivery: {url: \"%s\", %s, waitFor: {field: data.recording_id, atMost: 30m}, form: {call: \"{cdr_id}\", recording: \"{recording_id}\"}}}"
                        .formatted(archive.url(), NONE));
        whole.accept(callEnded("e1", event -> ((ObjectNode) event.get("data")).remove("recording_id")));
        assertEquals(DeliveryState.WAITING, whole.delivery("e1", "archive").state());
        assertEquals(0, archive.requests().size());

        whole.accept(callEnded("e2", event -> {
            event.put("type", "call.modified");
            ((ObjectNode) event.get("data")).put("recording_id", "rec/9");
        }));
        whole.await("e1", DeliveryState.DELIVERED);

        assertEquals("call=914022177&recording=rec%2F9", only(archive).body());
    }

    @Test
    void no_name_of_a_caller_breaks_a_body_or_adds_a_field() {
        Receiver json = receiver();
        Receiver form = receiver();
        Receiver program = receiver();
        Receiver event = receiver();
        whole.start(
                webhook("json", json.url(), "body: '{\"name\": \"Caller {data.name}!\", \"n\": {data.name}}', " + NONE)
                        + webhook("form", form.url(), "form: {name: \"{data.name}\", call: \"{cdr_id}\"}, " + NONE)
                        + webhook("program", program.url(), "bodyJq: '{who: .data.name}', " + NONE)
                        + webhook("event", event.url(), NONE));

        whole.accept(callEnded("e1", sent -> ((ObjectNode) sent.get("data")).put("name", EVIL_NAME)));
        whole.await("e1", DeliveryState.DELIVERED);

        JsonNode atJson = json(only(json).body());
        assertEquals(2, atJson.size());
        assertEquals("Caller " + EVIL_NAME + "!", atJson.get("name").asText());
        assertEquals(EVIL_NAME, atJson.get("n").asText());
        Map<String, String> fields = Arrays.stream(only(form).body().split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
        assertEquals(Map.of("name", EVIL_NAME, "call", "914022177"), fields);
        assertEquals("application/x-www-form-urlencoded", only(form).header("Content-Type"));
        assertEquals(EVIL_NAME, json(only(program).body()).get("who").asText());
        assertEquals(EVIL_NAME, json(only(event).body()).at("/data/name").asText());
    }

    @Test
    void a_token_revoked_at_the_server_fails_no_delivery() {
        Receiver crm = receiver(got -> new Reply(authorized(got) ? 200 : 401));
        whole.start(webhook("crm", crm.url(), "authentication: {type: oauth2, client: crm}"));
        whole.accept(callEnded("first"));
        whole.await("first", DeliveryState.DELIVERED);

        whole.tokens.revokeAll();
        // no more than wait for a token however long it takes
        List<String> events =
                Stream.iterate(0, n -> n + 1).limit(4).map(n -> "e" + n).toList();
        events.forEach(event -> whole.accept(callEnded(event)));
        events.forEach(event -> whole.await(event, DeliveryState.DELIVERED));

        events.forEach(event -> assertEquals(List.of("delivered"), outcomes(event, "crm"), event));
        assertEquals(2, whole.tokens.requests(), "one token for all of them");
    }

    /** A separate product: it runs on a broken file, also after a restart. */
    @Test
    void the_set_up_file_is_followed_and_a_broken_save_keeps_what_ran() throws Exception {
        Receiver first = receiver();
        Receiver second = receiver();
        RunningProduct product = whole.start(folder, webhook("one", first.url(), NONE));
        assertEquals(1, whole.accept(callEnded("e1")));

        product.config(whole.config(webhook("one", first.url(), NONE) + webhook("two", second.url(), NONE)));
        WholeProduct.await(() -> health(product).contains("CURRENT") && whole.accept(callEnded(id())) == 2);

        save(product, "accounts: [{id: acme, webhook: []}]");
        assertTrue(health(product).contains("BROKEN"));
        assertTrue(health(product).contains("'webhook'"), "health names the fault");
        assertEquals(200, ready(product));
        assertTrue(metrics(product).contains("webhooks_config_current 0.0"), "the metric says so too");
        assertEquals(2, whole.accept(callEnded("e3")));
        whole.await("e3", DeliveryState.DELIVERED);

        product.stop();
        product.start();
        assertEquals(200, ready(product));
        assertTrue(health(product).contains("BROKEN"));
        assertEquals(2, whole.accept(callEnded("e4")), "it runs on what was read last");
        whole.await("e4", DeliveryState.DELIVERED);

        save(product, whole.config(webhook("one", first.url(), NONE)));
        assertTrue(health(product).contains("CURRENT"));
        assertEquals(1, whole.accept(callEnded("e5")));
        assertTrue(metrics(product).contains("webhooks_config_current 1.0"));
    }

    /** Saves the file, and lets the product read it at once. */
    private static void save(RunningProduct product, String config) {
        product.config(config);
        product.part("config", ActiveConfig.class).reread();
    }

    private int ids;

    private String id() {
        return "again-" + ids++;
    }

    @Test
    void nothing_a_caller_sends_reaches_a_receiver_or_steers_a_route() {
        Receiver receiver = receiver();
        Receiver other = receiver();
        RunningProduct product =
                whole.start(webhook("crm", receiver.url(), NONE) + toSalesforce("tasks") + toContentsquare("sessions"));
        HttpRequest.Builder request = product.request(
                        "/v1/events?sObjectName=Lead&apexUrl=x&CamelHttpUri=" + other.url() + "&q=1", WholeProduct.KEY)
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(callEnded("e1")));
        Map.of(
                        "CamelHttpUri", other.url().toString(),
                        "CamelHttpPath", "/else",
                        "CamelHttpMethod", "DELETE",
                        "sObjectName", "Lead",
                        "sObjectIdName", "Id",
                        "apexUrl", "x",
                        "X-Caller", "c",
                        "Cookie", "a=b",
                        "CamelContentsquareProjectId", "1")
                .forEach(request::header);

        assertEquals(202, product.send(request.build()).statusCode());
        whole.await("e1", DeliveryState.DELIVERED);

        Got got = only(receiver);
        assertEquals("POST", got.method());
        assertEquals("/hooks?x=%2B", got.target().toString());
        assertEquals(0, other.requests().size());
        List<String> sent = got.headers().keySet().stream()
                .map(String::toLowerCase)
                .sorted()
                .toList();
        sent.forEach(name -> assertFalse(
                name.startsWith("camel")
                        || name.equals("x-caller")
                        || name.equals("cookie")
                        || name.startsWith("sobject"),
                name));
        assertNull(got.header("Authorization"));
        assertEquals("Task", whole.salesforce.records().get(0).object());
        assertEquals(
                1337L, whole.contentsquare.accepted().keySet().iterator().next().projectId());
    }

    /** A separate product, whose routes have a step that fails. */
    @Test
    void an_error_of_a_step_costs_neither_the_worker_nor_the_delivery() throws Exception {
        Receiver receiver = receiver();
        Path routes = Files.createDirectory(folder.resolve("routes"));
        for (RouteFile file : RouteFile.all()) {
            String text = Files.readString(RouteFile.FOLDER.resolve(file.name()));
            Files.writeString(
                    routes.resolve(file.name()),
                    text.replace("ref: judgeResponse", "ref: \"#class:" + Overflowing.class.getName() + "\""));
        }
        whole.start(
                folder,
                webhook("one", receiver.url(), NONE),
                "webhooks.deliver.threads=1",
                // Camel counts what an error ended as in flight, and waits for it
                "camel.main.shutdownTimeout=1");

        whole.accept(callEnded("e1"));
        whole.accept(callEnded("e2"));
        whole.await("e1", DeliveryState.GAVE_UP);
        whole.await("e2", DeliveryState.GAVE_UP);

        assertEquals(4, whole.attempts("e1", "one").size());
        assertNotNull(whole.delivery("e1", "one").reason());
    }

    private List<String> outcomes(String event, String webhook) {
        return whole.attempts(event, webhook).stream().map(AttemptRow::outcome).toList();
    }

    private boolean authorized(Got got) {
        String header = got.header("Authorization");
        return header != null && header.startsWith("Bearer ") && whole.tokens.knows(header.substring(7));
    }

    private static Got only(Receiver receiver) {
        assertEquals(1, receiver.requests().size());
        return receiver.requests().get(0);
    }

    private static String health(RunningProduct product) {
        return get(product, "/observe/health?data=true").body();
    }

    private static int ready(RunningProduct product) {
        return get(product, "/observe/health/ready").statusCode();
    }

    private static String metrics(RunningProduct product) {
        return get(product, "/observe/metrics").body();
    }

    private static java.net.http.HttpResponse<String> get(RunningProduct product, String path) {
        URI url = product.managementUrl(path);
        return product.send(HttpRequest.newBuilder(url).build());
    }
}
