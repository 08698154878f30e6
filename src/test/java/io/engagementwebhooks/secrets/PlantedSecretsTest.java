package io.engagementwebhooks.secrets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 9: secrets do not leak. The whole product runs with a unique secret of every kind, delivers by every branch to
 * receivers that echo what they are sent and fail in turn, is given broken configurations and wrong requests, and is restarted.
 * Then everything that it let out is searched for what all the secrets have in common, in every form: the log of every
 * logger at TRACE with each exception's chain, JMX, metrics, health, every answer of the API, the store's files and what
 * lies in the folder for temporary files. A secret of a new kind is one more entry in {@link #plant}.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlantedSecretsTest {

    /** They show the route files, and how many came by since the start: the same again after a restart. */
    private static final Pattern OF_ROUTES = Pattern.compile("dump(Route|Step|Processor).*|processorIds");

    private final Marker marker = new Marker();
    private final Emitted emitted = new Emitted();
    private final Map<String, String> secrets = new LinkedHashMap<>();
    private final Blabbermouth others = new Blabbermouth(marker, false);
    private final Blabbermouth refusing = new Blabbermouth(marker, true);
    private Path home;
    private RunningProduct product;
    private String session;

    @BeforeAll
    void runAndCollect(@TempDir Path folder) throws Exception {
        home = folder;
        plant();
        Files.createDirectories(home.resolve("data"));
        Files.writeString(home.resolve("data/webhooks.db.key"), base64(marker.bytes(32)));
        kamelets();
        FileTime start = FileTime.from(Instant.now().minusSeconds(1));
        try (LogOfEverything log = new LogOfEverything()) {
            product = RunningProduct.start(
                    home,
                    goodConfig(),
                    "webhooks.operator-key=" + secrets.get("operator-key"),
                    "webhooks.ingest.rate-limit=1000",
                    "webhooks.deliver.kamelets=crm-sink,post-sink",
                    "webhooks.deliver.kamelet.crm-sink.apiKey=" + secrets.get("kamelet-key"),
                    "webhooks.deliver.kamelet.post-sink.open=password",
                    "camel.main.tracing=true",
                    "camel.main.messageHistory=true",
                    "camel.trace.enabled=true",
                    "camel.trace.backlogSize=1000",
                    "camel.trace.removeOnDump=false");
            configByApi();
            deliverByEveryBranch();
            tryOut();
            signIn();
            sendWhatIsWrong();
            saveWhatIsWrong();
            look(operation -> true);
            product.stop();
            product.start();
            product.awaitDeliveries(
                    admin(), "call-1", BRANCHES.size() + 1, "delivered", "waiting", "gave-up", "skipped");
            look(operation -> !OF_ROUTES.matcher(operation).matches());
            addBeans();
            product.stop();
            log.writeTo(emitted);
        }
        emitted.addFiles(home.resolve("data"), 1, file -> !file.endsWith("webhooks.db.key"));
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        emitted.addFilesOfShared(temporary, file -> isNew(file, start));
        askTheCommandLine();
    }

    @AfterAll
    void stop() {
        if (product != null) {
            product.close();
        }
        others.close();
        refusing.close();
    }

    private static boolean isNew(Path file, FileTime start) {
        try {
            return Files.isReadable(file)
                    && Files.getLastModifiedTime(file).compareTo(start) > 0
                    && Files.size(file) < 50_000_000;
        } catch (IOException e) {
            return false; // of another process, and gone again
        }
    }

    // --- the secrets

    private void plant() {
        for (String kind : List.of(
                "oauth-client-secret", "salesforce-secret", "contentsquare-secret", "password", "refresh-token")) {
            secrets.put(kind, marker.secret(kind));
        }
        for (String kind : List.of(
                "value",
                "ingest-key",
                "read-key",
                "admin-key",
                "old-key",
                "operator-key",
                "header",
                "api-key",
                "kamelet-key",
                "kamelet-password")) {
            secrets.put(kind, marker.token(kind));
        }
        secrets.put("signing-secret", "whsec_" + base64(marker.bytes(32)));
        byte[] seed = marker.bytes(32);
        byte[] open =
                new Ed25519PrivateKeyParameters(seed, 0).generatePublicKey().getEncoded();
        byte[] both = Arrays.copyOf(seed, 64);
        System.arraycopy(open, 0, both, 32, 32);
        secrets.put("signing-private-key", "whsk_" + base64(both));
        secrets.put("assertion-key", pem(marker.bytes(32)));
    }

    /** An Ed25519 key in PKCS#8 (RFC 8410), which holds its seed as it is. */
    private static String pem(byte[] seed) {
        byte[] head = HexFormat.of().parseHex("302e020100300506032b657004220420");
        byte[] key = Arrays.copyOf(head, head.length + seed.length);
        System.arraycopy(seed, 0, key, head.length, seed.length);
        return "-----BEGIN PRIVATE KEY-----\n" + base64(key) + "\n-----END PRIVATE KEY-----\n";
    }

    private String admin() {
        return secrets.get("admin-key");
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Each secret lies in its own file, as a mounted one does. */
    private String goodConfig() throws IOException {
        Path folder = Files.createDirectories(home.resolve("mounted"));
        for (Map.Entry<String, String> secret : secrets.entrySet()) {
            Files.writeString(folder.resolve(secret.getKey()), secret.getValue());
        }
        return CONFIG.replace("REFUSING", refusing.root().toString())
                .replace("ROOT", others.root().toString())
                .replace("HEADER", secrets.get("header"))
                .replaceAll(
                        "HOOK\\((\\S+?)\\)", "\"" + others.root() + "/hook/$1?token=" + marker.token("query") + "\"");
    }

    private static final String KAMELET =
            """
            metadata: {name: %s, labels: {camel.apache.org/kamelet.type: sink}}
            spec:
              definition:
                title: CRM
                type: object
                properties: {apiKey: {type: string, format: password}, password: {type: string, format: password}}
              template: {from: {uri: "kamelet:source", steps: [{to: {uri: "%s", parameters: %s}}]}}
            """;

    /** One with the operator's credential, and one with a credential of the webhook. */
    private void kamelets() throws IOException {
        Path folder = Files.createDirectories(home.resolve("kamelet-catalog"));
        Files.writeString(
                folder.resolve("crm-sink.kamelet.yaml"),
                KAMELET.formatted(
                        "crm-sink",
                        "http:127.0.0.1:" + others.root().getPort() + "/hook/by-kamelet",
                        "{authMethod: Basic, authUsername: us, authPassword: '{{apiKey}}', authenticationPreemptive: true, bridgeEndpoint: true}"));
        Files.writeString(
                folder.resolve("post-sink.kamelet.yaml"),
                KAMELET.formatted("post-sink", "smtp:127.0.0.1:1", "{username: us, password: '{{password}}'}"));
    }

    private static final Set<String> BRANCHES = Set.of(
            "by-kamelet",
            "by-post",
            "by-password",
            "by-value",
            "by-oauth2",
            "by-oauth2-form",
            "by-assertion",
            "by-api-key",
            "unauthenticated",
            "tasks",
            "tasks-by-refresh",
            "sessions",
            "unused",
            "refused-oauth2",
            "refused-oauth2-form",
            "refused-assertion",
            "refused-tasks",
            "refused-refresh",
            "refused-sessions");

    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys:
                  - {name: platform, role: ingest, key: "{{file:mounted/ingest-key}}"}
                  - {name: dashboard, role: read, key: "{{file:mounted/read-key}}"}
                  - {name: staff, role: admin, key: "{{file:mounted/admin-key}}"}
                  - {name: before, role: admin, key: "{{file:mounted/old-key}}", until: "2020-01-01T00:00:00Z"}
                signingKeys:
                  - {id: k1, secret: "{{file:mounted/signing-secret}}"}
                  - {id: k2, privateKey: "{{file:mounted/signing-private-key}}"}
                oauthClients:
                  - {name: crm, clientId: id, clientSecret: "{{file:mounted/oauth-client-secret}}", authenticationEndpoint: "ROOT", tokenPath: /token/basic, scope: "calls:write"}
                  - {name: form, clientId: id, clientSecret: "{{file:mounted/oauth-client-secret}}", authenticationEndpoint: "ROOT", tokenPath: /token/form, authorizationMethod: body}
                  - {name: refused, clientId: id, clientSecret: "{{file:mounted/oauth-client-secret}}", authenticationEndpoint: "REFUSING", tokenPath: /token}
                  - {name: refused-form, clientId: id, clientSecret: "{{file:mounted/oauth-client-secret}}", authenticationEndpoint: "REFUSING", tokenPath: /token/form, authorizationMethod: body}
                  - {name: asserting, clientId: id, authorizationMethod: private_key_jwt, privateKey: "{{file:mounted/assertion-key}}", authenticationEndpoint: "ROOT", tokenPath: /token/assertion, parameters: {tenant_key: "{{file:mounted/api-key}}"}}
                  - {name: refused-asserting, clientId: id, authorizationMethod: private_key_jwt, privateKey: "{{file:mounted/assertion-key}}", authenticationEndpoint: "REFUSING", tokenPath: /token/assertion, parameters: {tenant_key: "{{file:mounted/api-key}}"}}
                connections:
                  - {name: refreshing, type: salesforce, login: refresh-token, loginUrl: "ROOT", clientId: id, refreshToken: "{{file:mounted/refresh-token}}", apiVersion: "66.0", instanceSuffix: 127.0.0.1}
                  - {name: refused-refreshing, type: salesforce, login: refresh-token, loginUrl: "REFUSING", clientId: id, refreshToken: "{{file:mounted/refresh-token}}", apiVersion: "66.0", instanceSuffix: 127.0.0.1}
                  - {name: refused-sales, type: salesforce, loginUrl: "REFUSING", clientId: id, clientSecret: "{{file:mounted/salesforce-secret}}", apiVersion: "66.0", instanceSuffix: 127.0.0.1}
                  - {name: refused-insights, type: contentsquare, tokenUrl: "REFUSING/token/contentsquare", clientId: id, clientSecret: "{{file:mounted/contentsquare-secret}}", scope: enrichment, integrationVersion: 1, endpointSuffix: 127.0.0.1, schema: [{name: call_duration, type: INT}]}
                  - {name: sales, type: salesforce, loginUrl: "ROOT", clientId: id, clientSecret: "{{file:mounted/salesforce-secret}}", apiVersion: "66.0", instanceSuffix: 127.0.0.1}
                  - {name: insights, type: contentsquare, tokenUrl: "ROOT/token/contentsquare", clientId: id, clientSecret: "{{file:mounted/contentsquare-secret}}", scope: enrichment, integrationVersion: 1, endpointSuffix: 127.0.0.1, schema: [{name: call_duration, type: INT}]}
                webhooks:
                  - {name: by-password, events: ["*"], retry: &often [100ms, 100ms, 100ms, 100ms], delivery: {url: HOOK(by-password), headers: {X-Api-Key: HEADER}, authentication: {type: header, user: us, password: "{{file:mounted/password}}"}}}
                  - {name: by-value, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {url: HOOK(by-value), authentication: {type: header, value: "{{file:mounted/value}}"}}}
                  - {name: by-oauth2, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {url: HOOK(by-oauth2), authentication: {type: oauth2, client: crm}}}
                  - {name: by-oauth2-form, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {url: HOOK(by-oauth2-form), authentication: {type: oauth2, client: form}}}
                  - {name: by-assertion, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {url: HOOK(by-assertion), authentication: {type: oauth2, client: asserting}}}
                  - {name: refused-assertion, events: ["*"], retry: [100ms], delivery: {url: HOOK(never), authentication: {type: oauth2, client: refused-asserting}}}
                  - {name: by-api-key, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {url: HOOK(by-api-key), authentication: {type: api-key, header: X-Their-Key, value: "{{file:mounted/api-key}}"}}}
                  - {name: tasks-by-refresh, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {authentication: {type: salesforce, connection: refreshing}}}
                  - {name: refused-refresh, events: ["*"], retry: [100ms], delivery: {authentication: {type: salesforce, connection: refused-refreshing}}}
                  - {name: by-kamelet, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {kamelet: {name: crm-sink}}}
                  - {name: by-post, events: ["*"], retry: [100ms, 100ms], delivery: {kamelet: {name: post-sink, properties: {password: "{{file:mounted/kamelet-password}}"}}}}
                  - {name: unauthenticated, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {url: HOOK(unauthenticated), authentication: {type: none}}}
                  - {name: unused, events: ["*"], retry: [100ms], delivery: {url: "http://127.0.0.1:1/hook", authentication: {type: header, user: us, password: "{{file:mounted/password}}"}}}
                  - {name: refused-oauth2, events: ["*"], retry: [100ms], delivery: {url: HOOK(never), authentication: {type: oauth2, client: refused}}}
                  - {name: refused-oauth2-form, events: ["*"], retry: [100ms], delivery: {url: HOOK(never), authentication: {type: oauth2, client: refused-form}}}
                  - {name: refused-tasks, events: ["*"], retry: [100ms], delivery: {authentication: {type: salesforce, connection: refused-sales}}}
                  - {name: refused-sessions, events: ["*"], retry: [100ms], delivery: {authentication: {type: contentsquare, connection: refused-insights}, contentsquare: {fields: {call_duration: "{duration}"}}}}
                  - {name: tasks, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {authentication: {type: salesforce, connection: sales}}}
                  - {name: sessions, events: ["*"], retry: [100ms, 100ms, 100ms, 100ms], delivery: {authentication: {type: contentsquare, connection: insights}, contentsquare: {fields: {call_duration: "{duration}"}}}}
            """
                    .replace("&often ", "");

    // --- what it is made to do

    private void deliverByEveryBranch() throws IOException {
        String event = Files.readString(Path.of("src/test/resources/events/call-ended.json"));
        HttpResponse<String> answer = answered(
                "the event",
                product.postEvent(secrets.get("ingest-key"), event.replace("01JD8Z6M4T9Q2Y7K3V5B1N8C0R", "call-1")));
        assertEquals(202, answer.statusCode(), answer.body());
        Awaitility.await("each branch has gone through its receiver's moods")
                .until(() -> VISITED.stream().allMatch(path -> others.requests(path) >= 2));
    }

    /** Each is called twice at least, but where its refusal is final. */
    private static final List<String> VISITED = List.of(
            "/hook/by-password",
            "/hook/by-value",
            "/hook/by-oauth2",
            "/hook/by-oauth2-form",
            "/hook/by-assertion",
            "/hook/by-api-key",
            "/hook/unauthenticated",
            "/hook/by-kamelet",
            "/token/assertion",
            "/token/basic",
            "/token/form",
            "/services/oauth2/token",
            "/services/data/v66.0/sobjects/Task",
            "/token/contentsquare",
            "/v1/enrichments");

    /** Things made by the API, with their own secrets; new keys are shown once, to their creator. */
    private void configByApi() {
        String secret = marker.secret("made-secret");
        String value = marker.token("made-value");
        String query = others.root() + "/hook/made?token=" + marker.token("made-query");
        made(
                "oauth-clients",
                "{'name': 'made', 'clientId': 'id', 'clientSecret': %s, 'authenticationEndpoint': '%s',"
                        + " 'parameters': {'tenant_key': '%s'}}",
                quoted(secret),
                others.root(),
                value);
        made(
                "connections",
                "{'name': 'made', 'type': 'salesforce', 'loginUrl': '%s', 'clientId': 'id', 'clientSecret':"
                        + " %s, 'apiVersion': '66.0', 'instanceSuffix': '127.0.0.1'}",
                others.root(),
                quoted(secret));
        made("signing-keys", "{'id': 'made', 'secret': 'whsec_%s'}", base64(marker.bytes(32)));
        made(
                "webhooks",
                "{'name': 'made', 'events': ['*'], 'retry': ['100ms'], 'delivery': {'url': '%s', 'headers':"
                        + " {'X-Api-Key': '%s'}, 'authentication': {'type': 'api-key', 'header': 'X-Their-Key', 'value': '%s'}}}",
                query,
                value,
                value);
        for (String kind : List.of("oauth-clients", "connections", "signing-keys", "webhooks")) {
            String path = "/v1/" + kind + "/made";
            HttpResponse<String> shown = answered("GET of a made thing", product.get(path, admin()));
            JsonNode definition = RunningProduct.json(shown).path("definition");
            answered(
                    "PUT of what was shown", change("PUT", path, definition.isObject() ? definition.toString() : "{}"));
            answered(
                    "a wrong PATCH",
                    change(
                            "PATCH",
                            path,
                            "{\"" + value + "\": " + quoted(secret)
                                    + ", \"name\": [" + quoted(value) + "], \"delivery\": {\"url\": \"ftp://x/" + value
                                    + "\", \"authentication\": {\"type\": \"" + value + "\"}}, \"clientSecret\": {}}"));
            answered(
                    "a made thing for another server",
                    change(
                            "PATCH",
                            path,
                            "{\"loginUrl\": \"https://e.example.com\","
                                    + " \"authenticationEndpoint\": \"https://e.example.com\"}"));
        }
        answered("no JSON", change("PUT", "/v1/webhooks/made", "{\"name\": \"" + value));
    }

    private void made(String kind, String definition, Object... values) {
        HttpResponse<String> answer = answered(
                "POST /v1/" + kind,
                product.post(
                        "/v1/" + kind,
                        admin(),
                        "application/json",
                        definition.replace('\'', '"').formatted(values)));
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private HttpResponse<String> change(String method, String path, String body) {
        return product.send(product.request(path, admin())
                .header("Content-Type", "application/json")
                .header("If-Match", "*")
                .method(method, java.net.http.HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private void tryOut() {
        for (String webhook :
                List.of("by-password", "by-value", "by-api-key", "by-oauth2", "tasks", "made", "unused")) {
            answered(
                    "a preview",
                    product.post(
                            "/v1/webhooks/preview", admin(), "application/json", "{\"webhook\": \"" + webhook + "\"}"));
            answered(
                    "a test of " + webhook,
                    product.post("/v1/webhooks/" + webhook + "/test", admin(), "application/json", ""));
        }
    }

    /** By the form, and asks for pages with what the browser keeps. */
    private void signIn() {
        HttpResponse<String> signedIn = product.send(HttpRequest.newBuilder(product.url("/console/sign-in"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "key=" + URLEncoder.encode(admin(), StandardCharsets.UTF_8) + "&then="))
                .build());
        assertEquals(303, signedIn.statusCode(), signedIn.body());
        String cookie =
                signedIn.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
        session = cookie.substring(cookie.indexOf('=') + 1);
        for (String page : List.of(
                "overview", "deliveries", "webhooks", "events", "settings/oauth-clients", "settings/connections")) {
            HttpResponse<String> answer = product.send(HttpRequest.newBuilder(product.url("/console/" + page))
                    .header("Cookie", cookie)
                    .build());
            assertEquals(200, answer.statusCode());
            emitted.add("answer to GET page " + page, answer.body());
        }
    }

    private HttpResponse<String> answered(String what, HttpResponse<String> answer) {
        emitted.add(
                "answer to " + what,
                answer.statusCode() + " " + answer.headers().map() + " " + answer.body());
        return answer;
    }

    private void sendWhatIsWrong() {
        for (Map.Entry<String, String> secret : secrets.entrySet()) {
            String kind = secret.getKey();
            if (secret.getValue().chars().allMatch(c -> c > ' ' && c < 127)) {
                answered(kind + " as a key", product.get("/v1/webhooks", secret.getValue()));
                answered(kind + " as a key to send", product.postEvent(secret.getValue(), "{"));
            }
        }
        answered("a wrong route", product.get("/v1/nowhere", admin()));
        answered("a wrong method", product.post("/v1/webhooks", admin(), "application/json", "{}"));
        answered(
                "a key without its scheme",
                product.send(product.request("/v1/webhooks", null)
                        .header("Authorization", admin())
                        .build()));
        answered(
                "two keys",
                product.send(product.request("/v1/webhooks", admin())
                        .header("Authorization", "Bearer " + secrets.get("read-key"))
                        .build()));
        answered(
                "a key with another scheme",
                product.send(product.request("/v1/webhooks", null)
                        .header("Authorization", "Basic " + base64(("x:" + admin()).getBytes(StandardCharsets.UTF_8)))
                        .build()));
        answered("a wrong parameter", product.get("/v1/webhooks?nope=1", admin()));
        answered("no event", product.postEvent(secrets.get("ingest-key"), "{\"id\": 1}"));
        answered("a wrong role", product.get("/v1/webhooks", secrets.get("ingest-key")));
        answered("a key that has ended", product.get("/v1/webhooks", secrets.get("old-key")));
    }

    /** Every way in which a secret stands in a wrong place, or is a wrong one. Each is refused, which is waited for. */
    private void saveWhatIsWrong() throws IOException {
        String good = goodConfig();
        String literal = good;
        for (Map.Entry<String, String> secret : secrets.entrySet()) {
            literal = literal.replace("\"{{file:mounted/" + secret.getKey() + "}}\"", quoted(secret.getValue()));
        }
        String secret = secrets.get("oauth-client-secret");
        String key = secrets.get("admin-key");
        List<String> wrong = List.of(
                literal.replace("authorizationMethod: body", "authorizationMethod: " + quoted(secret)),
                literal.replace("role: ingest", "role: " + key),
                literal.replace("role: ingest", key + ": ingest"),
                literal.replace("name: platform", "name: dashboard").replace("clientId: id", "clientIdd: id"),
                literal.replace("key: " + quoted(key), "key: [" + quoted(key) + "]"),
                literal.replace("key: " + quoted(key), "key: {" + key + ": x}"),
                literal.replace("key: " + quoted(key), "key: !" + key),
                literal.replace("key: " + quoted(key), "key: " + quoted(key + " and more")),
                literal.replace("key: " + quoted(key), "key: " + quoted(key) + ", key: " + quoted(key)),
                literal.replace(quoted(secrets.get("read-key")), quoted(key)),
                literal.replace("until: \"2020-01-01T00:00:00Z\"", "until: " + quoted(key)),
                literal.replace("whsec_", "whsec-"),
                literal.replace("whsk_", ""),
                literal.replace(
                        "type: none",
                        "type: header, value: " + quoted(base64(("us:" + secret).getBytes(StandardCharsets.UTF_8)))),
                literal.replace("type: none", "type: header, value: " + quoted("Authorization: Bearer " + key)),
                literal.replace("type: none", "type: header, value: " + quoted(key + "\\u0007")),
                literal.replace("type: none", "type: header, value: " + quoted(key) + ", password: " + quoted(secret)),
                literal.replace(
                        "type: none",
                        "type: header, user: " + quoted("us:" + secret) + ", password: " + quoted(secret)),
                literal.replace("type: none", "type: " + key),
                literal.replace("client: crm", "client: " + key),
                literal.replace("tokenPath: /token/basic", "tokenPath: " + quoted(secret)),
                literal.replace(
                        "authenticationEndpoint: \"" + others.root() + "\"",
                        "authenticationEndpoint: " + quoted("https://us:" + key + "@auth.example.com")),
                literal.replace(
                        "authenticationEndpoint: \"" + others.root() + "\"",
                        "authenticationEndpoint: " + quoted("https://auth.example.com/" + secret)),
                literal.replace("url: \"http://127.0.0.1:1/hook\"", "url: " + quoted("ftp://example.com/?key=" + key)),
                literal.replace("url: \"http://127.0.0.1:1/hook\"", "url: " + quoted("http://10.0.0.1/?key=" + key)),
                literal.replace(
                        "url: \"http://127.0.0.1:1/hook\"", "url: " + quoted("https://us:" + key + "@example.com/")),
                literal.replace("retry: [100ms]", "retry: [" + key + "]"),
                literal.replace("retry: [100ms]", "retry: " + key),
                literal.replace("retry: [100ms]", "maxAge: " + key),
                literal.replace("retry: [100ms]", "giveUpOn: [" + key + "]"),
                literal.replace("retry: [100ms]", "condition: " + quoted(".data | " + key)),
                literal.replace("retry: [100ms]", "condition: " + quoted("{a: " + key.replaceAll("\\W", "_") + "}")),
                literal.replace("X-Api-Key:", "X Api Key:"),
                literal.replace("X-Api-Key:", quoted("X-Api-Key: " + key) + ":"),
                literal.replace("type: none", "type: api-key, header: " + quoted("X-Key: " + key) + ", value: x"),
                literal.replace("client: crm", "client: crm, renewOn: [" + key + "]"),
                literal.replace("events: [\"*\"]", "events: [" + quoted(key + " and more") + "]"),
                literal.replace("tenant_key: ", key + ": a, " + key + ": "),
                literal.replace("X-Api-Key: " + secrets.get("header"), "X-Api-Key: " + quoted(secret + "\\n{x")),
                literal.replace(
                        "X-Api-Key: " + secrets.get("header"),
                        "X-Api-Key: " + quoted(secret) + "}, bodyJq: " + quoted("{ a: " + key) + ", form: {a: "
                                + quoted(secret)),
                literal + "  - id: [" + quoted(key) + "\n",
                literal + "  - clientSecret: " + quoted(secret) + ": " + quoted(secret) + "\n",
                literal + "  - clientSecret: \"" + key + "\n",
                literal + "\t- clientSecret: " + key + "\n",
                literal + "  - clientSecret: *" + key + "\n",
                key,
                "- " + key,
                good.replace("\"{{file:mounted/value}}\"", quoted("Bearer {{file:mounted/value}} " + key)),
                good.replace("{{file:mounted/value}}", "{{" + key + "}}"),
                good.replace("{{file:mounted/value}}", "{{env:" + key + "}}"),
                good.replace("{{file:mounted/value}}", "{{file:" + key + "}}"),
                good.replace("{{file:mounted/value}}", "Bearer {{" + key + "}}"),
                good.replace("{{file:mounted/value}}", "Bearer {{env:" + key + "}}"));
        assertGood(literal);
        for (int i = 0; i < wrong.size(); i++) {
            emitted.add("faults of save " + i, faults(i, wrong.get(i)));
        }
        for (String one : List.of(wrong.get(0), wrong.get(1), wrong.get(2))) {
            save(one, ConfigStatus.State.BROKEN);
            answered(
                    "health of a broken configuration",
                    product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health"))
                            .build()));
            save(good, ConfigStatus.State.CURRENT);
        }
        // the last is followed, as a save is in life
        product.config(wrong.get(0));
        Awaitility.await("the configuration is broken")
                .until(() -> activeConfig().status().state() == ConfigStatus.State.BROKEN);
    }

    private void save(String config, ConfigStatus.State becomes) {
        product.config(config);
        activeConfig().reread();
        assertEquals(becomes, activeConfig().status().state());
    }

    private ActiveConfig activeConfig() {
        return product.part("config", ActiveConfig.class);
    }

    private void assertGood(String config) {
        try {
            read(config);
        } catch (ConfigFaults e) {
            throw new AssertionError("what the wrong ones are made of is wrong itself", e);
        }
    }

    private void read(String config) throws ConfigFaults {
        Placeholders placeholders = Placeholders.of(name -> Optional.empty(), home, name -> Optional.empty());
        EgressRules rules = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));
        ConfigReaders.by(rules::refusal).read(config.getBytes(StandardCharsets.UTF_8), placeholders);
    }

    /** What the product logs, and shows in the health detail, of a save. */
    private String faults(int number, String config) {
        try {
            read(config);
            throw new AssertionError("save " + number + " is not wrong");
        } catch (ConfigFaults e) {
            StringWriter text = new StringWriter();
            e.printStackTrace(new PrintWriter(text));
            return text + "\n" + e.faults();
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\\\"") + '"';
    }

    // --- what it let out

    /** @param asked which operations of Camel's beans are */
    private void look(Predicate<String> asked) throws Exception {
        for (String path :
                List.of("/observe/health", "/observe/health/live", "/observe/health/ready", "/observe/metrics")) {
            answered(
                    "GET " + path,
                    product.send(
                            HttpRequest.newBuilder(product.managementUrl(path)).build()));
        }
        for (String path : List.of(
                "/v1/webhooks",
                "/v1/oauth-clients",
                "/v1/connections",
                "/v1/api-keys",
                "/v1/signing-keys",
                "/v1/audit?limit=200",
                "/v1/events",
                "/v1/figures",
                "/v1/waiting",
                "/v1/replays",
                "/v1/oauth-clients/crm",
                "/v1/connections/sales",
                "/v1/deliveries?limit=200",
                "/v1/openapi.yaml")) {
            answered("GET " + path, product.get(path, admin()));
        }
        answered("GET /v1/accounts", product.get("/v1/accounts", secrets.get("operator-key")));
        answered("GET figures", product.get("/v1/webhooks?account=acme", secrets.get("operator-key")));
        for (String webhook : BRANCHES) {
            answered("GET a webhook", product.get("/v1/webhooks/" + webhook, admin()));
        }
        List<String> ids = new ArrayList<>();
        for (JsonNode delivery :
                product.read("/v1/deliveries?limit=200", admin()).get("items")) {
            ids.add(delivery.get("id").asText());
            String path = "/v1/deliveries/" + delivery.get("id").asText();
            answered("GET a delivery to " + delivery.get("webhook").asText(), product.get(path, admin()));
            answered("GET attempts of " + delivery.get("webhook").asText(), product.get(path + "/attempts", admin()));
        }
        List<List<?>> accounts = List.of(List.of("acme"), List.of("unused"));
        Jmx.writeTo(
                emitted,
                product.camel(),
                asked,
                Map.of(
                        "show",
                                ids.stream()
                                        .<List<?>>map(id -> List.of("acme", id))
                                        .toList(),
                        "states", accounts,
                        "pending", accounts,
                        "deliveries", accounts,
                        "problems", accounts,
                        "largest", List.of(List.of(100)),
                        "recent", List.of(List.of("acme", 60), List.of("unused", 60))));
        emitted.addFiles(home.resolve("data"), 1, file -> !file.endsWith("webhooks.db.key"));
    }

    private void addBeans() {
        product.camel()
                .getRegistry()
                .findByTypeWithName(Object.class)
                .forEach((name, bean) -> emitted.add("bean " + name, String.valueOf(bean)));
    }

    /** What is asked of the jar in the same folder, with secrets in its environment. */
    private void askTheCommandLine() throws Exception {
        for (List<String> arguments : List.of(
                List.of("--check"),
                List.of("--print-defaults", "printed"),
                List.of("--help"),
                List.of("--rekey"),
                List.of("--forget-sealed"))) {
            ProcessBuilder process = new ProcessBuilder(JavaCommand.product())
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("said").toFile());
            process.command().addAll(arguments);
            process.environment().put("WEBHOOKS_OPERATOR_KEY", secrets.get("operator-key"));
            process.environment().put("WEBHOOKS_LOG_LEVEL", "TRACE");
            Process running = process.start();
            assertTrue(running.waitFor(180, TimeUnit.SECONDS));
            emitted.addFiles(home, 1, file -> file.endsWith("said"));
        }
        emitted.addFiles(home.resolve("printed"), 3, file -> true);
        assertTrue(emitted.has("printed/application.properties"));
        emitted.addFiles(home.resolve("data"), 1, file -> !file.endsWith("webhooks.db.key"));
    }

    // --- what is asserted

    @Test
    void no_secret_is_let_out_in_any_form() {
        List<String> leaks = emitted.leaks(marker);
        assertTrue(leaks.isEmpty(), () -> leaks.size() + " leaks:\n" + String.join("\n", leaks));
    }

    @Test
    void no_log_nor_attribute_nor_file_has_a_session() {
        assertTrue(session.length() > 100, session);
        assertFalse(emitted.has("", session));
    }

    @Test
    void all_the_places_were_looked_at() {
        for (String place : List.of(
                "log of webhooks.delivery",
                "log of org.apache.camel.Tracing",
                "JMX java.lang:type=Runtime",
                "JMX org.apache.camel:context=",
                "type=routes,name=\"deliver-oauth2\"",
                "type=tracer",
                "type=Webhooks,name=Config",
                "type=Webhooks,name=Queues largest",
                "type=Webhooks,name=Statistics recent",
                "type=Webhooks,name=Webhooks states",
                "answer to GET /observe/metrics",
                "answer to GET attempts of by-password",
                "answer to GET a delivery to sessions",
                "webhooks.db",
                "bean config")) {
            assertTrue(emitted.has(place), place);
        }
        assertTrue(emitted.has("type=Webhooks,name=Tokens problems", "refused-asserting"));
        assertTrue(emitted.has("type=Webhooks,name=Deliveries show", "refused-sessions"));
        assertTrue(emitted.characters() > 1_000_000, "characters: " + emitted.characters());
    }

    @Test
    void the_receivers_were_sent_the_secrets_and_their_echoes_were_kept_without_them() {
        String attempts = emitted.at("answer to GET attempts of by-password");
        assertTrue(attempts.contains("***"), attempts);
        assertTrue(attempts.contains("Webhook-id") || attempts.contains("webhook-id"), attempts);
    }

    /** Without this the search could be blind. */
    @TestFactory
    List<DynamicTest> a_secret_that_was_let_out_would_be_found() {
        return marker.forms().entrySet().stream()
                .map(form -> DynamicTest.dynamicTest(form.getKey(), () -> {
                    Emitted one = new Emitted();
                    one.add("harmless", "nothing to see");
                    assertTrue(one.leaks(marker).isEmpty());
                    one.add("log", "DEBUG >> Authorization: " + form.getValue() + "\r\n");
                    assertFalse(one.leaks(marker).isEmpty());
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> each_secret_would_be_found_as_it_is_and_in_basic() {
        return secrets.entrySet().stream()
                .map(secret -> DynamicTest.dynamicTest(secret.getKey(), () -> {
                    byte[] pair = ("some-user:" + secret.getValue()).getBytes(StandardCharsets.UTF_8);
                    assertFalse(marker.in(secret.getValue()).isEmpty(), "as it is");
                    if (!Set.of("signing-secret", "signing-private-key", "assertion-key")
                            .contains(secret.getKey())) {
                        assertFalse(marker.in("Basic " + base64(pair)).isEmpty(), "in Basic");
                        assertFalse(marker.in(java.net.URLEncoder.encode(secret.getValue(), StandardCharsets.UTF_8))
                                .isEmpty());
                    }
                }))
                .toList();
    }
}
