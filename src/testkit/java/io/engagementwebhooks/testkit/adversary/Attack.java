package io.engagementwebhooks.testkit.adversary;

import io.engagementwebhooks.testkit.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Attacks on the product, by an account or a client without a key. Each ends by itself. */
public enum Attack {
    LARGE_TEMPLATE("a template of 22 KB and an event of 200 KB, whose body would have 400 MB") {
        @Override
        String webhooks(Attacker attacker) {
            String template = "[" + "\"{data.s}\",".repeat(2_000) + "\"\"]";
            return webhook("large", "", "body: '" + template + "'", attacker.sink());
        }

        @Override
        void run(Attacker attacker) throws Exception {
            String data = "{\"s\":\"" + "x".repeat(200_000) + "\"}";
            attacker.parallel(16, i -> attacker.post(event("large-" + i, data)));
            String definition = "{\"definition\":{\"events\":[\"call.*\"],\"delivery\":{\"url\":\"" + attacker.sink()
                    + "\",\"body\":\"[" + "\\\"{data.s}\\\",".repeat(2_000) + "\\\"\\\"]\"}},\"event\":"
                    + event("preview", data) + "}";
            attacker.parallel(8, i -> attacker.send("/v1/webhooks/preview", definition));
        }
    },

    HUNGRY_CONDITION("64 events at a time of 252 KB of [{},{},…] with an ordinary condition") {
        @Override
        String webhooks(Attacker attacker) {
            return webhook("hungry", "condition: '.data.a > 1'", "", attacker.sink());
        }

        @Override
        void run(Attacker attacker) throws Exception {
            String data = "{\"items\":[" + "{},".repeat(84_000) + "{}]}";
            attacker.parallel(256, i -> attacker.post(event("hungry-" + i, data)));
        }
    },

    HOLDING_CONDITION("64 tiny events at a time with a condition that makes large values") {
        @Override
        String webhooks(Attacker attacker) {
            return webhook(
                    "holding", "condition: '[limit(30; repeat(\"x\"*500000))] | length > 3'", "", attacker.sink());
        }

        @Override
        void run(Attacker attacker) throws Exception {
            attacker.parallel(512, i -> attacker.post(event("holding-" + i, "{}")));
        }
    },

    MANY_DELIVERIES("batches of 254 KB that would make 4.4 million deliveries") {
        @Override
        String webhooks(Attacker attacker) {
            return many(1_000, i -> webhook("many-" + i, "", "", attacker.sink()));
        }

        @Override
        void run(Attacker attacker) throws Exception {
            attacker.parallel(
                    8,
                    i -> attacker.batch(IntStream.range(0, 2_400)
                            .mapToObj(event -> event("many-" + i + "-" + event, "{}"))
                            .collect(Collectors.joining(",", "[", "]"))));
        }
    },

    LARGE_FAN_OUT("six events for 5 000 webhooks each, and batches at the limit") {
        @Override
        String webhooks(Attacker attacker) {
            return many(5_000, i -> webhook("fan-" + i, "", "", attacker.sink()));
        }

        @Override
        void run(Attacker attacker) throws Exception {
            attacker.parallel(6, i -> attacker.post(event("fan-" + i, "{}")));
            attacker.parallel(
                    16, i -> attacker.batch("[" + event("fan-a-" + i, "{}") + "," + event("fan-b-" + i, "{}") + "]"));
        }
    },

    COSTLY_CONDITIONS("200 webhooks with costly conditions and 80 events") {
        @Override
        String webhooks(Attacker attacker) {
            return many(
                    200,
                    i -> webhook("costly-" + i, "condition: '[range(20000)] | add > " + i + "'", "", attacker.sink()));
        }

        @Override
        void run(Attacker attacker) throws Exception {
            attacker.parallel(80, i -> attacker.post(event("costly-" + i, "{}")));
        }
    },

    COSTLY_BODIES("200 webhooks with costly bodies and 80 events") {
        @Override
        String webhooks(Attacker attacker) {
            return many(200, i -> webhook("body-" + i, "", "bodyJq: '[range(20000)] | add'", attacker.sink()));
        }

        @Override
        void run(Attacker attacker) throws Exception {
            attacker.parallel(80, i -> attacker.post(event("body-" + i, "{}")));
        }
    },

    HANGING_NAMES("70 webhooks at names whose name server never answers") {
        @Override
        String webhooks(Attacker attacker) {
            return many(
                    70, i -> webhook("name-" + i, "", "timeout: 15s", "https://host-" + i + ".hanging.example:8443/"));
        }

        @Override
        void run(Attacker attacker) throws Exception {
            attacker.parallel(100, i -> attacker.post(event("name-" + i, "{}")));
        }
    },

    UNFINISHED_BODIES("1 000 connections of a stranger with 250 KB of a body that does not end") {
        @Override
        void run(Attacker attacker) throws Exception {
            String head = "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 256000\r\n\r\n" + "x".repeat(250_000);
            attacker.connections(1_000, head);
        }
    },

    UNFINISHED_HEADS("8 000 connections of a stranger with a head that does not end") {
        @Override
        void run(Attacker attacker) throws Exception {
            attacker.connections(8_000, "POST /v1/events HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(8_000));
        }
    },

    RESTART_WITH_BACKLOG("a kill and a restart with 50 000 deliveries due, some of events of 200 KB") {
        @Override
        String webhooks(Attacker attacker) {
            return many(100, i -> webhook("due-" + i, "", "", attacker.sink()));
        }

        @Override
        void run(Attacker attacker) throws Exception {
            String data = "{\"s\":\"" + "x".repeat(200_000) + "\"}";
            for (int i = 0; i < 100; i++) {
                attacker.send("/v1/webhooks/due-" + i + "/pause", "");
            }
            attacker.parallel(500, i -> attacker.post(event("due-" + i, i % 10 == 0 ? data : "{}")));
        }

        @Override
        boolean restarts() {
            return true;
        }

        @Override
        void afterRestart(Attacker attacker) throws Exception {
            for (int i = 0; i < 100; i++) {
                attacker.send("/v1/webhooks/due-" + i + "/resume", "");
            }
        }
    },

    LARGE_EVENTS_FOR_MANY("events of 250 KB for 400 webhooks whose receivers hang") {
        @Override
        String webhooks(Attacker attacker) {
            return many(400, i -> webhook("hang-" + i, "", "timeout: 15s", attacker.hanging()));
        }

        @Override
        void run(Attacker attacker) throws Exception {
            String data = "{\"items\":[" + "{},".repeat(83_000) + "{}]}";
            attacker.parallel(24, i -> attacker.post(event("hang-" + i, data)));
        }
    },

    COSTLY_HELLOS("100 hellos a second of a stranger that offer only ffdhe8192", true) {
        @Override
        void run(Attacker attacker) throws Exception {
            byte[] hello = ClientHello.tls13(ClientHello.FFDHE8192);
            attacker.everySecond(100, i -> attacker.hello(hello));
        }
    },

    MANY_HELLOS("500 hellos a second of a stranger that offer an elliptic group, and never end the handshake", true) {
        @Override
        void run(Attacker attacker) throws Exception {
            byte[] hello = ClientHello.tls13(ClientHello.X25519);
            attacker.everySecond(500, i -> attacker.hello(hello));
        }
    },

    KEY_UPDATES("key updates without end of a stranger on 4 connections of TLS 1.3", true) {
        @Override
        void run(Attacker attacker) throws Exception {
            attacker.handshakes(4, "TLSv1.3");
        }
    },

    RENEGOTIATIONS("renegotiations without end of a stranger on 4 connections of TLS 1.2", true) {
        @Override
        void run(Attacker attacker) throws Exception {
            attacker.handshakes(4, "TLSv1.2");
        }
    },

    KEY_UPDATES_50(Callee.RECEIVER, 50, HostileServer.Kind.KEY_UPDATES),
    KEY_UPDATES_300(Callee.RECEIVER, 300, HostileServer.Kind.KEY_UPDATES),
    COSTLY_GROUP_50(Callee.RECEIVER, 50, HostileServer.Kind.COSTLY_GROUP),
    COSTLY_GROUP_300(Callee.RECEIVER, 300, HostileServer.Kind.COSTLY_GROUP),
    INTERIM_50(Callee.RECEIVER, 50, HostileServer.Kind.INTERIM),
    INTERIM_300(Callee.RECEIVER, 300, HostileServer.Kind.INTERIM),
    TINY_CHUNKS(Callee.RECEIVER, 300, HostileServer.Kind.CHUNKS),
    TINY_TLS_RECORDS(Callee.RECEIVER, 300, HostileServer.Kind.RECORDS),
    LARGE_CERTIFICATES(Callee.RECEIVER, 300, HostileServer.Kind.LARGE_CERTIFICATE),
    TOKENS_KEY_UPDATES(Callee.TOKEN_ENDPOINT, 300, HostileServer.Kind.KEY_UPDATES),
    TOKENS_COSTLY_GROUP(Callee.TOKEN_ENDPOINT, 300, HostileServer.Kind.COSTLY_GROUP),
    TOKENS_INTERIM(Callee.TOKEN_ENDPOINT, 300, HostileServer.Kind.INTERIM),
    LOGINS_KEY_UPDATES(Callee.SALESFORCE_LOGIN, 50, HostileServer.Kind.KEY_UPDATES),
    LOGINS_COSTLY_GROUP(Callee.SALESFORCE_LOGIN, 50, HostileServer.Kind.COSTLY_GROUP),
    LOGINS_INTERIM(Callee.SALESFORCE_LOGIN, 50, HostileServer.Kind.INTERIM),
    LOGINS_TINY_CHUNKS(Callee.SALESFORCE_LOGIN, 50, HostileServer.Kind.CHUNKS);

    private static final int HOSTILE_EVENTS = 15;
    private static final Duration HOSTILE_EVERY = Duration.ofSeconds(1);

    private final String description;
    private final boolean isOfTls;
    private final Callee callee;
    private final int servers;
    private final HostileServer.Kind kind;

    Attack(String description) {
        this(description, false);
    }

    /** @param isOfTls see {@link #isOfTls()} */
    Attack(String description, boolean isOfTls) {
        this.description = description;
        this.isOfTls = isOfTls;
        this.callee = null;
        this.servers = 0;
        this.kind = null;
    }

    /** An attack by servers that the product calls. */
    Attack(Callee callee, int servers, HostileServer.Kind kind) {
        this.description = servers + " times " + callee + " as a server of " + kind;
        this.isOfTls = false;
        this.callee = callee;
        this.servers = servers;
        this.kind = kind;
    }

    /** What the product takes a hostile server for. */
    enum Callee {
        RECEIVER,
        TOKEN_ENDPOINT,
        SALESFORCE_LOGIN;

        /** The webhooks that call these servers, and what else of the account they need. */
        String webhooks(List<String> urls, String sink) {
            return switch (this) {
                case RECEIVER -> many(urls.size(), i -> webhook("hostile-" + i, "", "timeout: 15s", urls.get(i)));
                case TOKEN_ENDPOINT ->
                    many(urls.size(), i -> webhook("token-" + i, "", "", sink)
                                    .replace("{type: none}", "{type: oauth2, client: token-" + i + "}"))
                            + "    oauthClients:\n"
                            + many(
                                    urls.size(),
                                    i -> "      - {name: token-" + i + ", clientId: a, clientSecret: b,"
                                            + " authenticationEndpoint: '" + urls.get(i) + "'}\n");
                case SALESFORCE_LOGIN ->
                    many(
                                    urls.size(),
                                    i -> "      - {name: org-" + i + ", events: ['call.*'], delivery:"
                                            + " {authentication: {type: salesforce, connection: org-" + i + "}}}\n")
                            + "    connections:\n"
                            + many(
                                    urls.size(),
                                    i -> "      - {name: org-" + i + ", type: salesforce, loginUrl: '"
                                            + urls.get(i).replaceFirst("/$", "")
                                            + "', clientId: a, clientSecret: b}\n");
            };
        }
    }

    public String description() {
        return description;
    }

    /** The attacking account's webhooks, as lines of the configuration. */
    String webhooks(Attacker attacker) throws Exception {
        return callee == null ? "" : callee.webhooks(attacker.hostileServers(servers, kind), attacker.sink());
    }

    /** By default: an event a second for all hostile servers. */
    void run(Attacker attacker) throws Exception {
        for (int i = 0; i < HOSTILE_EVENTS; i++) {
            attacker.post(event("hostile-" + i, "{}"));
            Pause.of(HOSTILE_EVERY);
        }
    }

    /** Whether the product ends TLS; the other account also sends on new connections then. */
    public boolean isOfTls() {
        return isOfTls;
    }

    /** Whether the process is killed after the attack, and the other account sends to the one that follows it. */
    boolean restarts() {
        return false;
    }

    /** While the other account sends. */
    void afterRestart(Attacker attacker) throws Exception {}

    private static String many(int count, IntFunction<String> webhook) {
        return IntStream.range(0, count).mapToObj(webhook).collect(Collectors.joining());
    }

    private static String webhook(String name, String more, String delivery, String url) {
        return "      - name: " + name + "\n        events: ['call.*']\n"
                + (more.isEmpty() ? "" : "        " + more + "\n")
                + "        delivery:\n          url: '" + url + "'\n          authentication: {type: none}\n"
                + (delivery.isEmpty() ? "" : "          " + delivery + "\n");
    }

    private static String event(String id, String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/attack\",\"type\":\"call.ended\",\"data\":"
                + data + "}";
    }

    /** Runs a request; what goes wrong for the attacker is of no interest. */
    interface Step {
        void run(int number) throws IOException, InterruptedException;
    }
}
