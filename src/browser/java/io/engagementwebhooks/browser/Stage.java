package io.engagementwebhooks.browser;

import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;

/** A product with webhooks that work and webhooks that fail, with a few events. */
final class Stage implements AutoCloseable {

    static final String ADMIN = "acme-admin-key-for-the-stage";
    static final String READ = "acme-read-key-for-the-stage";
    static final String INGEST = "acme-ingest-key-for-the-stage";
    static final String OTHERS = "globex-admin-key-for-the-stage";
    static final String OPERATOR = RunningProduct.OPERATOR;

    final Receiver good = new Receiver(
            got -> new Receiver.Reply(200, Map.of("Content-Type", "application/json"), "{\"stored\": true}"));
    final Receiver broken = new Receiver(got -> new Receiver.Reply(503, Map.of(), "<h1>Service Unavailable</h1>"));
    final RunningProduct product;

    /** In accounts of the shared product. */
    Stage() {
        product = RunningProduct.shared(config());
        play();
    }

    /** Starts a separate product in a folder. */
    Stage(Path folder) {
        product = RunningProduct.start(
                folder,
                config(),
                "webhooks.operator-key=" + OPERATOR,
                "webhooks.mail.host=mail.invalid",
                "webhooks.mail.from=webhooks@example.com");
        play();
    }

    /** Signs in, and returns afterwards. */
    void signIn(Page page, String key) {
        Chromium.signIn(page, product.key(key));
    }

    private void play() {
        made(
                "/v1/oauth-clients",
                """
                {"name": "crm-at-night", "clientId": "webhooks-of-acme", "clientSecret": "not shown",
                 "authenticationEndpoint": "https://auth.crm.example.com", "scope": "calls:write"}""");
        made(
                "/v1/webhooks",
                """
                {"name": "ended-calls-to-crm", "events": ["call.ended"],
                 "condition": ".data.duration >= 120 and .data.source_media == \\"search\\"",
                 "delivery": {"url": "%s",
                   "body": "{\\n  \\"call\\": \\"{cdr_id}\\",\\n  \\"seconds\\": {duration},\\n  \\"agent\\": \\"{data.agent.email}\\"\\n}",
                   "authentication": {"type": "header", "user": "acme", "password": "not shown"}}}"""
                        .formatted(good.url()));
        for (int call = 1; call <= 12; call++) {
            product.postEvent(INGEST, event(call, call % 4 == 0 ? "call.missed" : "call.ended"));
        }
        product.awaitDeliveries(READ, "call-12", 2, "waiting", "delivered", "skipped");
    }

    private void made(String path, String definition) {
        HttpResponse<String> answer = product.post(path, ADMIN, "application/json", definition);
        if (answer.statusCode() != 201) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    private String config() {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: platform, role: ingest, key: %1$s}
                      - {name: dashboard, role: read, key: %2$s}
                      - {name: anna, role: admin, key: %3$s}
                    signingKeys:
                      - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                    oauthClients:
                      - {name: crm, clientId: webhooks-of-acme, clientSecret: "not shown", authenticationEndpoint: "https://auth.crm.example.com", scope: calls:write}
                    connections:
                      - {name: sales, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: 3MVG9acme, clientSecret: "not shown", apiVersion: "66.0"}
                      - {name: insights, type: contentsquare, clientId: client-of-acme, clientSecret: "not shown", integrationVersion: 1, schema: [{name: call_duration, type: INT}]}
                    webhooks:
                      - name: ended-calls-to-warehouse
                        events: [call.ended]
                        condition: .data.duration >= 60
                        delivery:
                          url: "%4$s"
                          body: '{"call": "{cdr_id}", "seconds": {duration}}'
                          authentication: {type: header, user: us, password: "not shown"}
                      - name: missed-calls-to-pager
                        events: [call.missed]
                        delivery: {url: "%5$s", authentication: {type: none}}
                        retry: [30m, 1h]
                      - name: every-call-to-archive
                        events: ["call.*"]
                        delivery: {url: "%4$s", authentication: {type: none}}
                      - name: long-calls-with-a-slip
                        events: [call.ended]
                        condition: .data.duration.seconds > 120
                        delivery: {url: "%4$s", authentication: {type: none}}
                  - id: globex
                    apiKeys: [{name: george, role: admin, key: %6$s}]
                    webhooks:
                      - {name: of-globex, events: ["*"], delivery: {url: "%4$s", authentication: {type: none}}}
                """
                .formatted(INGEST, READ, ADMIN, good.url(), broken.url(), OTHERS);
    }

    private static String event(int call, String type) {
        return """
                {"id": "call-%1$d", "source": "/accounts/acme/calls", "type": "%2$s", "subject": "call/%1$d",
                 "data": {"cdr_id": %1$d, "duration": %3$d, "anum": "+4670123xxx", "source_name": "Autumn campaign",
                          "agent": {"id": "a-17", "email": "agent17@example.com"}}}
                """
                .formatted(call, type, 37 * call % 400);
    }

    @Override
    public void close() {
        product.close();
        good.close();
        broken.close();
    }
}
