package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.EngagementWebhooks;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The application runs with the engine in it, by the artifact alone. */
@Timeout(120)
class AppTest {

    private static final String KEY = "a-key-of-acme-that-may-send";

    @TempDir
    static Path folder;

    private static final ThirdParties OTHERS = new ThirdParties();
    private static int port;
    private static int managementPort;
    private static Main main;

    @BeforeAll
    static void start() throws Exception {
        port = freePort();
        managementPort = freePort();
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: platform, role: ingest, key: %2$s}]
                    signingKeys: [{id: k1, secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}]
                    oauthClients: [{name: tokens, clientId: id, clientSecret: secret, authenticationEndpoint: "%1$s/token"}]
                    connections:
                      - {name: org, type: salesforce, loginUrl: "%1$s", clientId: id, clientSecret: secret, instanceSuffix: 127.0.0.1}
                      - name: project
                        type: contentsquare
                        tokenUrl: "%1$s/v1/oauth/token"
                        clientId: id
                        clientSecret: secret
                        endpointSuffix: 127.0.0.1
                        schema: [{name: call_duration, type: INT, from: "{duration}"}]
                    webhooks:
                      - {name: crm, events: [call.ended], delivery: {url: "%1$s/crm", authentication: {type: header, user: u, password: p}}}
                      - {name: partner, events: [never], delivery: {url: "%1$s/partner", authentication: {type: oauth2, client: tokens}}}
                      - {name: sales, events: [never], delivery: {body: "{}", authentication: {type: salesforce, connection: org}, salesforce: {path: /services/apexrest/calls}}}
                      - {name: insights, events: [never], delivery: {authentication: {type: contentsquare, connection: project}}}
                """
                        .formatted(OTHERS.url(), KEY));
        Properties properties = App.properties();
        properties.putAll(Map.of(
                "webhooks.config", "file:" + folder.resolve("webhooks.yaml"),
                "webhooks.store.url", "jdbc:sqlite:" + folder.resolve("webhooks.db"),
                "webhooks.egress.allow", "127.0.0.0/8",
                "camel.server.host", "127.0.0.1",
                "camel.server.port", Integer.toString(port),
                "camel.management.port", Integer.toString(managementPort)));
        properties.putAll(Map.of(
                "insights.endpoint", "127.0.0.1",
                "insights.token-url", OTHERS.url() + "/v1/oauth/token",
                "insights.client-id", "id",
                "insights.client-secret", "secret",
                "insights.plain-http", "true"));
        main = App.create(properties);
        main.start();
    }

    @AfterAll
    static void stop() {
        main.stop();
        OTHERS.close();
        assertThrows(IOException.class, () -> get(managementPort, "/observe/health"), "the server ends with the context");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static HttpResponse<String> get(int at, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path)).build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String event) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .header("Authorization", "Bearer " + KEY)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(event))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static String call(String id) {
        return "{\"id\": \"" + id + "\", \"source\": \"/calls\", \"type\": \"call.ended\", \"data\": {\"duration\": 192, \"web\":"
                + " {\"contentsquare\": {\"projectId\": 1337, \"userId\": \"u\", \"sessionNumber\": 4}}}}";
    }

    private static Exchange send(String uri, Object body) {
        Exchange exchange =
                ExchangeBuilder.anExchange(main.getCamelContext()).withBody(body).build();
        return main.getCamelContext().createProducerTemplate().send(uri, exchange);
    }

    @Test
    void an_event_of_a_route_of_the_application_is_stored_and_delivered() throws Exception {
        assertNull(send("direct:store-call", call("own")).getException());

        Map<String, String> request = OTHERS.await("/crm", "own");
        assertEquals("Basic dTpw", request.get("authorization"));
        assertTrue(request.get("webhook-signature").startsWith("v1,"), request::toString);
    }

    @Test
    void events_come_in_by_the_path_of_the_engine_and_by_one_of_the_application() throws Exception {
        for (String path : List.of("/v1/events", "/v1/app-calls")) {
            HttpResponse<String> answer = post(path, call("by" + path));
            assertEquals(202, answer.statusCode(), answer.body());
            assertTrue(answer.body().endsWith("\"deliveries\":1}"), answer.body());
            OTHERS.await("/crm", "by" + path);
        }
        assertEquals(200, get(managementPort, "/observe/health/ready").statusCode());
    }

    @Test
    void the_webhooks_that_ask_for_an_event_are_looked_up() {
        Exchange found = send("direct:look-up-call", call("looked-up"));

        assertNull(found.getException());
        assertEquals(1, found.getMessage().getBody(List.class).size());
    }

    @Test
    void kamelets_send_by_what_the_webhook_says() throws Exception {
        assertNull(send("direct:send-by-header", call("by-header")).getException());
        assertNull(send("direct:send-by-oauth2", call("by-oauth2")).getException());
        assertNull(send("direct:write-record", call("by-salesforce")).getException());
        assertNull(send("direct:enrich-session-of-call", call("by-contentsquare")).getException());

        assertEquals("Basic dTpw", OTHERS.await("/crm", "by-header").get("authorization"));
        assertEquals("Bearer a-token", OTHERS.await("/partner", "by-oauth2").get("authorization"));
        assertEquals("Bearer a-token", OTHERS.await("/services/apexrest/calls", "").get("authorization"));
        OTHERS.await("/v1/enrichments", "192");
    }

    @Test
    void a_kamelet_signs_and_another_removes_all_other_headers() {
        Exchange signed = send("direct:sign-message", "{}");

        assertNull(signed.getException());
        assertEquals(
                Set.of("webhook-id", "webhook-signature", "webhook-timestamp"),
                new TreeSet<>(signed.getMessage().getHeaders().keySet()));
    }

    @Test
    void the_component_enriches_a_session() throws Exception {
        Map<String, Object> enrichment = Map.of(
                "projectId", 1, "userId", "u", "sessionNumber", 4, "enrichment", Map.of("call_duration", 42_000));

        assertNull(send("direct:enrich-by-component", enrichment).getException());

        OTHERS.await("/v1/enrichments", "42000");
    }

    @Test
    void settings_are_refused_with_all_their_faults() {
        Properties faulty = new Properties();
        faulty.setProperty("webhooks.stores.url", "x");
        faulty.setProperty("webhooks.profile", "test");

        String message = assertThrows(IllegalArgumentException.class, () -> App.create(faulty))
                .getMessage();

        assertEquals(2, message.lines().count(), message);
    }

    @Test
    void each_kamelet_of_the_artifact_is_used_here() throws Exception {
        String routes = Files.readString(Path.of("src/main/resources/camel/calls.camel.yaml"));
        try (JarFile jar = new JarFile(artifact().toFile())) {
            List<String> kamelets = jar.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".kamelet.yaml"))
                    .map(name -> name.replaceAll("kamelets/(.*)\\.kamelet\\.yaml", "$1"))
                    .toList();
            assertEquals(10, kamelets.size());
            for (String kamelet : kamelets) {
                assertTrue(routes.contains("kamelet:" + kamelet + "\n"), kamelet);
            }
        }
    }

    /** Such as a logging configuration, or properties. */
    @Test
    void the_artifact_has_nothing_that_would_take_the_place_of_what_is_the_applications() throws Exception {
        try (JarFile jar = new JarFile(artifact().toFile())) {
            assertEquals(
                    Set.of("META-INF", "component.properties", "io", "jolokia-access.xml", "kamelets"),
                    jar.stream()
                            .map(entry -> entry.getName().replaceAll("/.*", ""))
                            .collect(Collectors.toCollection(TreeSet::new)));
            assertNull(jar.getEntry("META-INF/jandex.idx"), "by this Quarkus would look for beans");
        }
    }

    /** Its POM brings the libraries of the runnable jar, in their versions. {@code bom} is the list that the product's build makes. */
    @Test
    @EnabledIfSystemProperty(named = "bom", matches = ".+")
    void the_libraries_are_those_that_the_artifact_was_tested_with() throws Exception {
        Set<String> tested = new TreeSet<>();
        for (JsonNode each : new ObjectMapper().readTree(Path.of(System.getProperty("bom")).toFile()).get("components")) {
            tested.add(each.get("name").asText() + "-" + each.get("version").asText());
        }
        List<String> others = new ArrayList<>();
        for (Path library : libraries()) {
            String name = library.getFileName().toString().replaceAll("(-linux-\\w+)?\\.jar", "");
            if (!tested.contains(name) && !name.matches("(junit|opentest4j|apiguardian|engagement-webhooks|surefire).*")) {
                others.add(name);
            }
        }
        assertEquals(List.of(), others);
    }

    private static Path artifact() throws Exception {
        return Path.of(EngagementWebhooks.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static List<Path> libraries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(part -> part.endsWith(".jar"))
                .map(Path::of)
                .toList();
    }
}
