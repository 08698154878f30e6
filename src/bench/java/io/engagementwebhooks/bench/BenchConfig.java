package io.engagementwebhooks.bench;

import java.util.function.IntFunction;

/** The configuration file of a measured process: one account with webhooks, each with a receiver. */
final class BenchConfig {

    static final String ACCOUNT = "bench";
    static final String KEY = "bench-ingest-key-0123456789";
    static final String STAFF_KEY = "bench-admin-key-0123456789";
    static final String HEADER = "{type: header, user: bench, password: bench}";
    static final String OAUTH2 = "{type: oauth2, client: idp}";

    private final StringBuilder text;

    /** @param tokens the token endpoint */
    BenchConfig(String tokens) {
        text = new StringBuilder(
                """
                accounts:
                  - id: %s
                    apiKeys: [{name: load, role: ingest, key: %s}, {name: staff, role: admin, key: %s}]
                    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                    oauthClients:
                      - {name: idp, clientId: bench, clientSecret: bench-secret, authenticationEndpoint: "%s"}
                    webhooks:
                """
                        .formatted(ACCOUNT, KEY, STAFF_KEY, tokens));
    }

    /** Starts another account for the next webhooks. */
    BenchConfig account(String id, String key) {
        return account(id, key, 0, "");
    }

    /** The same with OAuth clients, see {@link #oauth2}. @param tokens their token endpoint */
    BenchConfig account(String id, String key, int clients, String tokens) {
        text.append("  - id: ")
                .append(id)
                .append("\n    apiKeys: [{name: load, role: ingest, key: ")
                .append(key)
                .append("}]\n")
                .append(clients == 0 ? "" : "    oauthClients:\n");
        for (int i = 0; i < clients; i++) {
            text.append("      - {name: ")
                    .append(client(i))
                    .append(", clientId: bench-")
                    .append(i) // a token is shared by clients with the same id and endpoint
                    .append(", clientSecret: bench-secret, authenticationEndpoint: \"")
                    .append(tokens)
                    .append("\"}\n");
        }
        text.append("    webhooks:\n");
        return this;
    }

    private static String client(int number) {
        return "idp-" + number;
    }

    /** Authentication by a client of such an account. */
    static String oauth2(int client) {
        return "{type: oauth2, client: " + client(client) + "}";
    }

    static String name(int webhook) {
        return "sink-" + webhook;
    }

    /** Webhooks from a number to another, of which each is notified of the events of one kind. */
    BenchConfig webhooks(
            int from, int until, IntFunction<String> type, IntFunction<String> url, String authentication) {
        for (int i = from; i < until; i++) {
            text.append("      - {name: ")
                    .append(name(i))
                    .append(", events: [")
                    .append(type.apply(i))
                    .append("], delivery: {url: \"")
                    .append(url.apply(i))
                    .append("\", authentication: ")
                    .append(authentication)
                    .append("}}\n");
        }
        return this;
    }

    String text() {
        return text.toString();
    }
}
