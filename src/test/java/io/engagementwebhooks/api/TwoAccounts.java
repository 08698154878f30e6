package io.engagementwebhooks.api;

import java.net.URI;
import java.util.Map;

/** A configuration with two accounts that have equally named resources of all kinds. */
final class TwoAccounts {

    static final String SECRET = "a-secret-never-shown";
    static final String SIGNING_SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    static final String SIGNING_SEED = "6Xb/dCcHpPea21PS1N9VY";
    static final String QUERY_SECRET = "a-token-in-a-query";

    /** Account {@code acme} with only its {@link #adminKey}, named staff. */
    static final String ONLY_ACME =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: acme-admin-key-00000}]
            """;

    /** A resource of each kind with names, by the kind's path. */
    static final Map<String, String> NAMES = Map.of(
            "webhooks",
            "calls",
            "oauth-clients",
            "crm",
            "connections",
            "sales",
            "api-keys",
            "staff",
            "signing-keys",
            "k1",
            "event-types",
            "order.sold");

    private static final String ACCOUNT =
            """
              - id: %1$s
                apiKeys:
                  - {name: platform, role: ingest, key: %1$s-ingest-key-0000}
                  - {name: dashboard, role: read, key: %1$s-read-key-000000}
                  - {name: staff, role: admin, key: %1$s-admin-key-00000}
                signingKeys:
                  - {id: k2, privateKey: whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==}
                  - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                eventTypes:
                  - {type: order.sold, title: Order placed, schema: {type: object, properties: {total: {type: number, minimum: 0}}, required: [total]}, sample: {total: 19.9}}
                oauthClients:
                  - {name: crm, clientId: client-of-%1$s, clientSecret: a-secret-never-shown, authenticationEndpoint: https://auth.example.com, scope: calls}
                connections:
                  - {name: sales, type: salesforce, loginUrl: "%3$s", clientId: client-of-%1$s, clientSecret: a-secret-never-shown, apiVersion: "66.0"}
                  - {name: insights, type: contentsquare, clientId: client-of-%1$s, clientSecret: a-secret-never-shown, integrationVersion: 1, schema: [{name: call_duration, type: INT}]}
                webhooks:
                  - name: calls
                    events: ["call.*"]
                    delivery: {url: "%2$s", authentication: {type: none}}
                    retry: [7d]
                  - name: conditioned
                    events: ["never.happens"]
                    condition: .data.duration > 10
                    delivery: {url: "https://crm.example.com/hooks?token=a-token-in-a-query&flag", authentication: {type: header, user: us, password: a-secret-never-shown}}
                  - name: granted
                    events: ["never.happens"]
                    delivery: {url: "https://crm.example.com/hooks", method: PUT, authentication: {type: oauth2, client: crm}, signingKeys: [{id: own-of-%1$s, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]}
                  - name: sessions
                    events: ["never.happens"]
                    delivery: {authentication: {type: contentsquare, connection: insights}}
                  - name: tasks
                    events: ["never.happens"]
                    delivery: {authentication: {type: salesforce, connection: sales}}
            """;

    private TwoAccounts() {}

    /**
     * @param receiver of webhook {@code calls} in both accounts, and login host of the connections: it is no third
     *     party
     */
    static String delivering(URI receiver) {
        URI login = receiver.resolve("/");
        return "accounts:\n" + ACCOUNT.formatted("acme", receiver, login) + ACCOUNT.formatted("other", receiver, login);
    }

    static String ingestKey(String account) {
        return account + "-ingest-key-0000";
    }

    static String readKey(String account) {
        return account + "-read-key-000000";
    }

    static String adminKey(String account) {
        return account + "-admin-key-00000";
    }

    static String event(String id) {
        return "{\"id\":\"" + id + "\",\"source\":\"/pbx\",\"type\":\"call.ended\",\"data\":{\"duration\":1}}";
    }
}
