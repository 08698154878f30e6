package io.engagementwebhooks.operate.jmx;

import static java.util.Objects.requireNonNullElse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees and does, by a client that has nothing but a JMX connection, on a product whose totals it counts. */
@Timeout(120)
class ManagementBeansTest {

    private static final Pattern OF_THE_JDK = Pattern.compile("java\\.(lang|util)\\..*|int|long|boolean");

    @TempDir
    static Path folder;

    private static RunningProduct product;
    private static JMXConnectorServer server;
    private static JMXConnector connector;
    private static MBeanServerConnection jmx;
    private static int accounts;

    /** How many requests of the product were answered with success, by the receivers of all tests. */
    private static final AtomicLong TAKEN = new AtomicLong();

    private final AtomicInteger status = new AtomicInteger(200);

    @AutoClose
    private final Receiver receiver = new Receiver(got -> answer());

    @AutoClose
    private final StrictTokenServer tokens = new StrictTokenServer("id", "secret", StrictTokenServer.Way.BASIC);

    private final String account = "acme-" + ++accounts;
    private final String key = "a-key-that-may-do-all-of-" + account;

    @BeforeAll
    static void start() throws Exception {
        product = RunningProduct.start(folder, "accounts: []\n");
        server = JMXConnectorServerFactory.newJMXConnectorServer(
                new JMXServiceURL("service:jmx:rmi://"), null, ManagementFactory.getPlatformMBeanServer());
        server.start();
        connector = JMXConnectorFactory.connect(server.getAddress());
        jmx = connector.getMBeanServerConnection();
    }

    @AfterAll
    static void stop() throws Exception {
        connector.close();
        server.stop();
        product.close();
    }

    @BeforeEach
    void begin() {
        product.config(config("1h"));
        product.part("config", ActiveConfig.class).reread();
    }

    private Reply answer() {
        int now = status.get();
        if (now == 200) {
            TAKEN.incrementAndGet();
        }
        return new Reply(now);
    }

    private String config(String gap) {
        return """
                accounts:
                  - id: %s
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    oauthClients:
                      - {name: crm, clientId: id, clientSecret: secret, authenticationEndpoint: "%s"}
                    webhooks:
                      - {name: plain, events: [call.ended], retry: [%s], delivery: {url: "%s", authentication: {type: none}}}
                      - {name: signed-in, events: [form.sent], retry: [%s], delivery: {url: "%s", authentication: {type: oauth2, client: crm}}}
                """
                .formatted(
                        account,
                        key,
                        tokens.url().toString().replace("/oauth2/token", ""),
                        gap,
                        receiver.url(),
                        gap,
                        receiver.url());
    }

    @Test
    void routes_share_the_description_of_their_attributes() throws Exception {
        MBeanServer own = ManagementFactory.getPlatformMBeanServer();
        List<ObjectName> routes = List.copyOf(own.queryNames(
                new ObjectName("org.apache.camel:context=" + product.camel().getName() + ",type=routes,*"), null));
        assertTrue(routes.size() > 80, routes::toString);
        Set<MBeanAttributeInfo> described = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Object> ids = new HashSet<>();
        for (ObjectName route : routes) {
            described.add(own.getMBeanInfo(route).getAttributes()[0]);
            ids.add(own.getAttribute(route, "RouteId"));
        }
        assertEquals(routes.size(), ids.size(), "each has its own values");
        assertTrue(described.size() <= 2, "of a route and of one that can be suspended: " + described.size());
    }

    @Test
    void there_is_one_for_each_concern_and_a_client_needs_no_class_of_ours() throws Exception {
        Set<String> names = jmx.queryNames(new ObjectName("io.engagementwebhooks:*"), null).stream()
                .filter(name ->
                        name.getKeyProperty("context").contains(product.camel().getName()))
                .map(name -> name.getKeyProperty("name"))
                .collect(Collectors.toSet());
        assertEquals(Set.of("Statistics", "Queues", "Webhooks", "Deliveries", "Tokens", "Config", "Rooms"), names);
        for (String name : names) {
            MBeanInfo info = jmx.getMBeanInfo(bean(name));
            assertFalse(info.getDescription().isBlank(), name);
            for (MBeanAttributeInfo attribute : info.getAttributes()) {
                assertFalse(attribute.isWritable(), attribute.getName());
                assertFalse(attribute.getDescription().isBlank(), attribute.getName());
                assertOfTheJdk(jmx.getAttribute(bean(name), attribute.getName()));
            }
            for (MBeanOperationInfo operation : info.getOperations()) {
                assertTrue(OF_THE_JDK.matcher(operation.getReturnType()).matches(), operation.toString());
                assertFalse(operation.getDescription().isBlank(), operation.getName());
            }
        }
    }

    private static void assertOfTheJdk(Object value) {
        assertTrue(OF_THE_JDK.matcher(value.getClass().getName()).matches(), () -> "a " + value.getClass());
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(ManagementBeansTest::assertOfTheJdk);
        } else if (value instanceof Collection<?> values) {
            values.forEach(ManagementBeansTest::assertOfTheJdk);
        }
    }

    @Test
    void a_paused_webhook_keeps_a_waiting_delivery_until_it_is_resumed() throws Exception {
        assertEquals("paused", invoke("Webhooks", "pause", account, "plain"));
        assertEquals("paused", invoke("Webhooks", "pause", account, "plain"), "once more changes nothing");
        send("e1", "call.ended");
        assertEquals(Map.of("plain", "paused", "signed-in", "active"), table(invoke("Webhooks", "states", account)));
        assertEquals(1L, jmx.getAttribute(bean("Queues"), "Pending"));
        assertEquals(Map.of("plain", 1L, "signed-in", 0L), table(invoke("Queues", "pending", account)));
        assertEquals(Map.of(account + "/plain", 1L), table(invoke("Queues", "largest", 5)));
        assertEquals(0, receiver.requests().size());

        assertEquals("active", invoke("Webhooks", "resume", account, "plain"));
        product.awaitDeliveries(key, "e1", 1, "delivered");
        await(() -> deliveredAttempts() == TAKEN.get());
        assertEquals(1L, table(invoke("Statistics", "recent", account, 5)).get("delivered"));
        assertEquals(1L, table(invoke("Statistics", "deliveries", account)).get("delivered"));
        assertEquals(Set.of("resumed jmx", "paused jmx"), audited());
    }

    /** Of all accounts. */
    private static long deliveredAttempts() throws Exception {
        return (long) requireNonNullElse(
                table(jmx.getAttribute(bean("Statistics"), "Attempts")).get("delivered"), 0L);
    }

    @Test
    void a_queued_retry_is_sent_now_for_one_delivery_or_all_of_a_webhook() throws Exception {
        status.set(503);
        send("e1", "call.ended");
        send("e2", "call.ended");
        await(() -> deliveryOf("e1").get("attemptCount").asInt() == 1
                && deliveryOf("e2").get("attemptCount").asInt() == 1
                && deliveryOf("e1").get("state").asText().equals("waiting")
                && deliveryOf("e2").get("state").asText().equals("waiting"));
        status.set(200);

        String id = deliveryOf("e1").get("id").asText();
        assertEquals(
                "try-later", table(invoke("Deliveries", "show", account, id)).get("outcome"));
        assertEquals(id, table(invoke("Deliveries", "retryNow", account, id)).get("id"));
        product.awaitDeliveries(key, "e1", 1, "delivered");
        assertEquals("waiting", deliveryOf("e2").get("state").asText());

        assertEquals(1, invoke("Webhooks", "retryNow", account, "plain"));
        product.awaitDeliveries(key, "e2", 1, "delivered");
        assertEquals(Set.of("retried jmx", "released jmx"), audited());
    }

    @Test
    void an_ended_delivery_is_replayed_and_a_queued_one_is_canceled() throws Exception {
        send("e1", "call.ended");
        product.awaitDeliveries(key, "e1", 1, "delivered");
        String id = deliveryOf("e1").get("id").asText();
        assertReported("replay it", () -> invoke("Deliveries", "retryNow", account, id));

        invoke("Deliveries", "replay", account, id);
        await(() -> receiver.requests().size() == 2);
        assertEquals(id, receiver.requests().get(1).header("webhook-id"));
        product.awaitDeliveries(key, "e1", 1, "delivered");

        invoke("Webhooks", "pause", account, "plain");
        send("e2", "call.ended");
        String waiting = deliveryOf("e2").get("id").asText();
        assertEquals(
                "discarded",
                table(invoke("Deliveries", "cancel", account, waiting)).get("state"));
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void a_discarded_token_is_requested_again() throws Exception {
        assertEquals(false, invoke("Tokens", "invalidate", account, "crm"), "there is none yet");
        send("e1", "form.sent");
        product.awaitDeliveries(key, "e1", 1, "delivered");
        send("e2", "form.sent");
        product.awaitDeliveries(key, "e2", 1, "delivered");
        assertEquals(1, tokens.requests());

        assertEquals(true, invoke("Tokens", "invalidate", account, "crm"));
        send("e3", "form.sent");
        product.awaitDeliveries(key, "e3", 1, "delivered");
        assertEquals(2, tokens.requests());
        assertEquals(Map.of(), table(invoke("Tokens", "problems", account)));
    }

    @Test
    void the_configuration_file_is_reloaded_on_request() throws Exception {
        Files.writeString(folder.resolve("webhooks.yaml"), config("1h").replace("plain", "renamed"));
        assertTrue(invoke("Config", "reload").toString().contains("runs on"));
        assertTrue(table(invoke("Webhooks", "states", account)).containsKey("renamed"));

        Files.writeString(folder.resolve("webhooks.yaml"), "accounts: {}\n");
        assertTrue(invoke("Config", "reload").toString().contains("1 fault"));
        assertEquals("BROKEN", jmx.getAttribute(bean("Config"), "State"));
        assertEquals(1, ((List<?>) jmx.getAttribute(bean("Config"), "Faults")).size());
        assertEquals(0, ((List<?>) jmx.getAttribute(bean("Config"), "RouteFaults")).size());
        assertTrue(table(invoke("Webhooks", "states", account)).containsKey("renamed"), "it runs on");
    }

    @Test
    void a_missing_name_is_reported_with_the_known_ones() {
        assertReported("known: " + account, () -> invoke("Webhooks", "states", "unknown"));
        assertReported("known: plain, signed-in", () -> invoke("Webhooks", "pause", account, "plian"));
        assertReported(
                "no room 'delivr' (known: console, deliver, ingest, maintenance, pages, record)",
                () -> invoke("Rooms", "suspend", "delivr"));
        assertReported("known: crm", () -> invoke("Tokens", "invalidate", account, "crn"));
        assertReported("no delivery 'msg_1'", () -> invoke("Deliveries", "show", account, "msg_1"));
        assertReported("from 1 to 1000", () -> invoke("Queues", "largest", 0));
        assertReported("from 1 to 10080", () -> invoke("Statistics", "recent", account, 0));
    }

    @Test
    void after_a_stop_no_mbean_is_left(@TempDir Path other) throws Exception {
        RunningProduct stopped = RunningProduct.start(other, config("1h"));
        ObjectName figures = ManagementBeans.name(stopped.camel().getName(), "Statistics");
        assertTrue(jmx.isRegistered(figures));
        stopped.close();
        assertFalse(jmx.isRegistered(figures));
    }

    private static void assertReported(String part, Callable<Object> call) {
        MBeanException thrown = assertThrows(MBeanException.class, call::call);
        assertTrue(
                thrown.getCause().getMessage().contains(part), thrown.getCause().toString());
    }

    private void send(String id, String type) {
        String event = "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/calls\",\"type\":\"" + type
                + "\",\"data\":{}}";
        assertEquals(
                202,
                product.post("/v1/events", key, "application/cloudevents+json", event)
                        .statusCode());
    }

    private JsonNode deliveryOf(String event) {
        return product.read("/v1/deliveries?event=" + event, key).get("items").get(0);
    }

    private Set<String> audited() {
        return StreamSupport.stream(product.read("/v1/audit", key).get("items").spliterator(), false)
                .map(entry -> entry.get("action").asText() + " "
                        + entry.get("actorKind").asText())
                .collect(Collectors.toSet());
    }

    private static Object invoke(String bean, String operation, Object... arguments) throws Exception {
        String[] types = new String[arguments.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = arguments[i] instanceof Integer ? "int" : String.class.getName();
        }
        return jmx.invoke(bean(bean), operation, arguments, types);
    }

    private static Map<?, ?> table(Object map) {
        return assertInstanceOf(Map.class, map);
    }

    private static ObjectName bean(String name) {
        return ManagementBeans.name(product.camel().getName(), name);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().pollInterval(Duration.ofMillis(20)).until(condition);
    }
}
