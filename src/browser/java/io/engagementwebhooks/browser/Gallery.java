package io.engagementwebhooks.browser;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** The product of the pictures: a usual day, with webhooks that work, fail, are paused and are disabled. */
final class Gallery implements AutoCloseable {

    static final String ADMIN = "acme-admin-key-for-the-gallery";
    static final String OPERATOR = "operator-key-for-the-gallery";

    private static final String INGEST = "acme-ingest-key-for-the-gallery";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int TEXTS = 600;

    private final Map<String, Integer> alerts = new ConcurrentHashMap<>();
    private final NamedReceivers receivers;
    final RunningProduct product;

    Gallery(Path folder) {
        receivers = new NamedReceivers(
                folder,
                Map.of(
                        "crm", got -> json(200, "{\"stored\": true}"),
                        "warehouse", got -> json(202, "{\"queued\": 1}"),
                        "archive", got -> new Reply(204),
                        "pager", this::alert,
                        "partner", got -> json(500, "{\"error\": \"no such campaign\"}"),
                        "chat", got -> new Reply(410),
                        "auth",
                                got -> json(
                                        200,
                                        "{\"access_token\": \"t-1\", \"token_type\": \"Bearer\", \"expires_in\": 3600}")));
        product = RunningProduct.start(folder, config(), receivers.setting(), "webhooks.operator-key=" + OPERATOR);
        made(
                "oauth-clients",
                """
                {"name": "crm-at-night", "clientId": "webhooks-at-night", "clientSecret": "not shown",
                 "authenticationEndpoint": "https://auth.example.com", "scope": "calls:write"}""");
        made(
                "webhooks",
                """
                {"name": "ended-calls-to-crm", "events": ["call.ended"],
                 "condition": ".data.duration >= 120 and .data.source_media == \\"search\\"",
                 "delivery": {"url": "https://crm.example.com/hooks/calls",
                   "body": "{\\n  \\"call\\": \\"{cdr_id}\\",\\n  \\"seconds\\": {duration},\\n  \\"agent\\": \\"{data.agent.email}\\"\\n}",
                   "authentication": {"type": "header", "user": "acme", "password": "not shown"}}}""");
        sendMany();
        fail();
        pause();
        sendCalls();
        replay("{\"webhook\": \"calls-to-warehouse\", \"outcome\": \"delivered\"}", "done");
        replay("{\"webhook\": \"sent-texts-to-archive\", \"perSecond\": 2}", "running");
    }

    private static Reply json(int status, String body) {
        return new Reply(status, Map.of("Content-Type", "application/json"), body);
    }

    /** Fails for the first two attempts of each alert, and always for one of them. */
    private Reply alert(Got got) {
        int attempts = alerts.merge(got.header("webhook-id"), 1, Integer::sum);
        boolean isStuck = got.body().contains("\"call-10\"");
        return attempts > 2 && !isStuck
                ? json(200, "{\"alert\": \"open\"}")
                : new Reply(
                        attempts == 1 ? 500 : 503,
                        Map.of("Content-Type", "text/html"),
                        "<h1>We are back in a minute</h1>");
    }

    /** Old deliveries, enough for a replay that lasts a while. */
    private void sendMany() {
        send(
                "application/cloudevents-batch+json",
                IntStream.rangeClosed(1, TEXTS)
                        .mapToObj(i -> "{\"specversion\": \"1.0\", \"id\": \"text-" + i
                                + "\", \"source\": \"/accounts/acme/texts\", \"type\": \"text.sent\"}")
                        .collect(Collectors.joining(",", "[", "]")));
        await("sent-texts-to-archive", "outcome=delivered&limit=1", 1);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> product.read("/v1/waiting", ADMIN).get("items").isEmpty());
    }

    private void fail() {
        IntStream.rangeClosed(1, 5).forEach(i -> send(event("form-" + i, "form.submitted", 0)));
        await("forms-to-partner", "outcome=gave-up", 5);
        send(event("text-in-1", "text.received", 0));
        await("texts-to-old-chat", "outcome=gave-up", 1);
        IntStream.rangeClosed(2, 3).forEach(i -> send(event("text-in-" + i, "text.received", 0)));
        send(event("call-0", "call.modified", 61));
    }

    private void pause() {
        product.post("/v1/webhooks/recordings-to-storage/pause", ADMIN, "application/json", "");
        IntStream.rangeClosed(1, 4).forEach(i -> send(event("recording-" + i, "recording.available", 30 * i)));
    }

    private void sendCalls() {
        for (int call = 1; call <= 12; call++) {
            send(event("call-" + call, call % 5 == 0 ? "call.missed" : "call.ended", 37 * call % 400));
        }
        await("missed-calls-to-pager", "event=call-5&outcome=delivered", 1);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> product.read("/v1/deliveries?webhook=missed-calls-to-pager&event=call-10", ADMIN)
                                .at("/items/0/attemptCount")
                                .asInt()
                        == 3);
        await("calls-to-warehouse", "outcome=delivered", 10);
    }

    private void replay(String which, String state) {
        HttpResponse<String> answer = product.post("/v1/replays", ADMIN, "application/json", which);
        String path = "/v1/replays/" + RunningProduct.json(answer).path("id").asText();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> product.read(path, ADMIN),
                        job -> job.get("state").asText().equals(state)
                                && job.get("replayed").asInt() > 0);
    }

    private void await(String webhook, String query, int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            JsonNode page = product.read("/v1/deliveries?webhook=" + webhook + "&" + query, ADMIN);
            return page.get("items").size() == count;
        });
    }

    private void send(String event) {
        send("application/json", event);
    }

    private void send(String type, String body) {
        HttpResponse<String> answer = product.post("/v1/events", INGEST, type, body);
        if (answer.statusCode() != 202) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    private void made(String list, String definition) {
        HttpResponse<String> answer = product.post("/v1/" + list, ADMIN, "application/json", definition);
        if (answer.statusCode() != 201) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    private static String config() {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: platform, role: ingest, key: %s}
                      - {name: dashboard, role: read, key: acme-read-key-for-the-gallery}
                      - {name: anna, role: admin, key: %s}
                    signingKeys:
                      - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                    oauthClients:
                      - {name: crm, clientId: webhooks-of-acme, clientSecret: "not shown", authenticationEndpoint: "https://auth.example.com", scope: calls:write}
                    connections:
                      - {name: sales, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: 3MVG9acme, clientSecret: "not shown", apiVersion: "66.0"}
                      - {name: insights, type: contentsquare, clientId: client-of-acme, clientSecret: "not shown", integrationVersion: 1, createdOn: %s, schema: [{name: call_duration, type: INT}, {name: campaign, type: STRING, optional: true}]}
                    webhooks:
                      - name: calls-to-warehouse
                        events: [call.ended]
                        delivery:
                          url: https://warehouse.example.com/calls
                          body: '{"call": "{cdr_id}", "seconds": {duration}}'
                          authentication: {type: oauth2, client: crm}
                      - name: missed-calls-to-pager
                        events: [call.missed]
                        retry: [1s, 2s, 30m, 1h]
                        delivery: {url: "https://pager.example.com/alerts", authentication: {type: none}}
                      - name: sent-texts-to-archive
                        events: [text.sent]
                        delivery: {url: "https://archive.example.com/texts", authentication: {type: none}}
                      - name: forms-to-partner
                        events: [form.submitted]
                        retry: [1s]
                        delivery: {url: "https://partner.example.com/leads", authentication: {type: api-key, header: X-Api-Key, value: "not shown"}}
                      - name: recordings-to-storage
                        events: [recording.available]
                        delivery: {url: "https://storage.example.com/recordings", authentication: {type: header, user: acme, password: "not shown"}}
                      - name: texts-to-old-chat
                        events: [text.received]
                        delivery: {url: "https://chat.example.com/inbox", authentication: {type: none}}
                      - name: transcripts-to-sales
                        events: [transcript.available]
                        delivery: {authentication: {type: salesforce, connection: sales}}
                      - name: changes-with-a-slip
                        events: [call.modified]
                        condition: .data.duration.seconds > 120
                        delivery: {url: "https://archive.example.com/changes", authentication: {type: none}}
                  - id: globex
                    apiKeys: [{name: george, role: admin, key: globex-admin-key-for-the-gallery}]
                    webhooks:
                      - {name: leads-to-globex, events: ["form.*"], delivery: {url: "https://hooks.example.com/leads", authentication: {type: none}}}
                """
                .formatted(INGEST, ADMIN, LocalDate.now().minusDays(345));
    }

    private static String event(String id, String type, int seconds) {
        return """
                {"id": "%1$s", "source": "/accounts/acme/calls", "type": "%2$s", "subject": "call/914022%3$03d",
                 "data": {"cdr_id": 914022%3$03d, "duration": %3$d, "anum": "+4670123xxx", "source_name": "Autumn campaign",
                          "source_media": "search", "agent": {"id": "a-17", "email": "agent17@example.com"}}}
                """
                .formatted(id, type, seconds);
    }

    @Override
    public void close() {
        product.close();
        receivers.close();
    }
}
