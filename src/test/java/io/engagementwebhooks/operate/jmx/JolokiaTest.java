package io.engagementwebhooks.operate.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** JMX over HTTP, where it is switched on, lets do what its policy names and nothing else. On a product that has it on. */
@Timeout(120)
class JolokiaTest {

    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: a-key-of-acme-that-may-do-all}]
                webhooks:
                  - {name: plain, events: ['*'], delivery: {url: "https://receiver.example.com", authentication: {type: none}}}
            """;

    private static final String PASSWORD = "the-password-of-a-route";
    private static final String OWN_ROUTE =
            """
            - route:
                id: call-crm
                from:
                  uri: direct:call-crm
                  steps:
                    - to:
                        id: crm-call
                        uri: https:crm.example.com
                        parameters: {authMethod: Basic, authUsername: me, authPassword: "{{my.authPassword}}"}
            """;

    @AutoClose
    private static RunningProduct product;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
            for (Path file : shipped.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Files.writeString(routes.resolve("90-crm.camel.yaml"), OWN_ROUTE);
        product = RunningProduct.start(
                folder, CONFIG, "camel.management.jolokiaEnabled=true", "my.authPassword=" + PASSWORD);
    }

    private static HttpResponse<String> post(String body, String... headers) {
        return post(product, body, headers);
    }

    private static HttpResponse<String> post(RunningProduct product, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(product.managementUrl("/observe/jolokia"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return product.send(request.build());
    }

    private static int statusOf(String body, String... headers) {
        HttpResponse<String> answer = post(body, headers);
        if (answer.statusCode() != 200) {
            return answer.statusCode();
        }
        JsonNode json = RunningProduct.json(answer);
        return json.get("status").asInt();
    }

    private static String exec(String bean, String operation, String arguments) {
        return "{\"type\":\"exec\",\"mbean\":\"" + bean.replace("\"", "\\\"") + "\",\"operation\":\"" + operation
                + "\",\"arguments\":" + arguments + "}";
    }

    private static String ours(String name) {
        return ManagementBeans.name(product.camel().getName(), name).toString();
    }

    private static String camels(String type, String name) {
        return "org.apache.camel:context=" + product.camel().getName() + ",type=" + type + ",name=\"" + name + "\"";
    }

    @Test
    void it_is_off() {
        try (RunningProduct asShipped = RunningProduct.shared(CONFIG)) {
            assertEquals(404, post(asShipped, "{\"type\":\"version\"}").statusCode());
        }
    }

    @Test
    void it_shows_and_does_what_an_operator_needs() {
        HttpResponse<String> paused = post(exec(ours("Webhooks"), "pause", "[\"acme\",\"plain\"]"));
        assertEquals("paused", RunningProduct.json(paused).path("value").asText(), paused.body());
        HttpResponse<String> states = post(exec(ours("Webhooks"), "states", "[\"acme\"]"));
        assertEquals("paused", RunningProduct.json(states).at("/value/plain").asText(), states.body());
        HttpResponse<String> waiting = post("{\"type\":\"read\",\"mbean\":\""
                + ours("Queues").replace("\"", "\\\"") + "\",\"attribute\":\"Pending\"}");
        assertEquals(0, RunningProduct.json(waiting).path("value").asInt(-1), waiting.body());

        assertEquals(200, statusOf(exec(camels("routegroups", "deliver"), "stop()", "[]")));
        assertTrue(product.camel()
                .getRouteController()
                .getRouteStatus("deliver-due")
                .isStopped());
        assertEquals(200, statusOf(exec(camels("routegroups", "deliver"), "start()", "[]")));
        assertTrue(product.camel()
                .getRouteController()
                .getRouteStatus("deliver-due")
                .isStarted());
        HttpResponse<String> suspended = post(exec(ours("Rooms"), "suspend", "[\"deliver\"]"));
        assertEquals(0, RunningProduct.json(suspended).at("/value/started").asInt(-1), suspended.body());
        HttpResponse<String> resumed = post(exec(ours("Rooms"), "resume", "[\"deliver\"]"));
        assertEquals(0, RunningProduct.json(resumed).at("/value/suspended").asInt(-1), resumed.body());
        assertEquals(
                200,
                statusOf("{\"type\":\"read\",\"mbean\":\"java.lang:type=Memory\",\"attribute\":\"HeapMemoryUsage\"}"));
    }

    @Test
    void it_shows_routes_as_written_and_no_password() {
        System.setProperty("a.password.by.jolokia", PASSWORD);
        try {
            String context = camels("context", product.camel().getName());

            String written = post(exec(context, "dumpRoutesAsXml()", "[]")).body();
            assertTrue(written.contains("{{my.authPassword}}"), written);
            assertEquals(403, statusOf(exec(context, "dumpRoutesAsXml(boolean)", "[true]")));
            assertEquals(403, statusOf(exec(context, "dumpRoutesAsXml(boolean,boolean)", "[true,true]")));
            assertEquals(403, statusOf(exec(context, "dumpRoutesAsXml", "[true]")));

            String ofCamel = post(readAll(
                            "org.apache.camel:context=" + product.camel().getName() + ",*"))
                    .body();
            assertTrue(ofCamel.contains("call-crm"), ofCamel);
            assertFalse(ofCamel.contains(PASSWORD), ofCamel);
            String ofTheJvm = post(readAll("java.lang:*")).body();
            assertTrue(ofTheJvm.contains("CollectionTime") && ofTheJvm.contains("Uptime"), ofTheJvm);
            assertFalse(ofTheJvm.contains(PASSWORD), ofTheJvm);
        } finally {
            System.clearProperty("a.password.by.jolokia");
        }
    }

    /** What it may not read stands there as an error. */
    private static String readAll(String beans) {
        return "{\"type\":\"read\",\"mbean\":\"" + beans + "\",\"config\":{\"ignoreErrors\":true}}";
    }

    @Test
    void it_refuses_what_is_not_named() {
        String version = "{\"type\":\"version\"}";
        assertEquals(200, statusOf(version));
        for (String refused : new String[] {
            exec("com.sun.management:type=DiagnosticCommand", "threadPrint", "[[]]"),
            exec("com.sun.management:type=HotSpotDiagnostic", "dumpHeap", "[\"/tmp/heap\",true]"),
            exec("java.lang:type=Memory", "gc", "[]"),
            exec(camels("context", product.camel().getName()), "stop()", "[]"),
            exec(camels("context", product.camel().getName()), "sendBody", "[\"direct:x\",\"y\"]"),
            exec(camels("routes", "deliver-due"), "remove()", "[]"),
            "{\"type\":\"write\",\"mbean\":\"java.lang:type=Memory\",\"attribute\":\"Verbose\",\"value\":true}",
            "{\"type\":\"read\",\"mbean\":\"java.lang:type=Runtime\",\"attribute\":\"InputArguments\"}",
            "{\"type\":\"read\",\"mbean\":\"java.lang:type=Runtime\",\"attribute\":[\"Uptime\",\"SystemProperties\"]}",
            "{\"type\":\"read\",\"mbean\":\"java.util.logging:type=Logging\",\"attribute\":\"LoggerNames\"}",
        }) {
            assertEquals(403, statusOf(refused), refused);
        }
        assertEquals(405, byGet("/observe/jolokia/version").statusCode(), "any page has images");
        assertEquals(405, byGet("/observe/%6aolokia/version").statusCode(), "the router reads it as the same path");
    }

    private static HttpResponse<String> byGet(String path) {
        return product.send(HttpRequest.newBuilder(product.managementUrl(path)).build());
    }

    /** What a page in an operator's browser can send without asking: text, a form, or a body without a type. */
    @Test
    void a_page_of_another_site_can_neither_stop_a_route_nor_read_a_response() {
        String stop = exec(camels("routes", "ingest-events"), "stop()", "[]");
        String own = "http://" + product.managementUrl("/").getAuthority();
        for (String origin : new String[] {"http://evil.com", "null", "https://elsewhere.example.com", own}) {
            for (String type : new String[] {"text/plain", "application/json"}) {
                assertRefused(403, "foreign-origin", send("/observe/jolokia", stop, type, origin));
            }
        }
        assertRefused(403, "foreign-origin", send("/observe/%6aolokia", stop, "text/plain", "http://evil.com"));
        for (String type : new String[] {
            null, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json, text/plain"
        }) {
            assertRefused(415, "unsupported-media-type", send("/observe/jolokia", stop, type, null));
        }
        assertEquals(
                200,
                send("/observe/jolokia", "{\"type\":\"version\"}", "Application/JSON; charset=utf-8", null)
                        .statusCode());
    }

    private static void assertRefused(int status, String code, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
        assertTrue(RunningProduct.json(answer).path("type").asText().endsWith(":" + code), answer.body());
        assertTrue(product.camel()
                .getRouteController()
                .getRouteStatus("ingest-events")
                .isStarted());
    }

    /** @param type of the body, or null @param origin of the page, or null: it is no browser */
    private static HttpResponse<String> send(String path, String body, String type, String origin) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(product.managementUrl(path)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        if (origin != null) {
            request.header("Origin", origin);
        }
        return product.send(request.build());
    }
}
