package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.operate.jmx.ManagementBeans;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import org.apache.camel.support.service.ServiceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rooms over JMX, health and metrics, as an operator has them. A separate product, whose rooms each test stops, and whose
 * metrics it counts; after each test all rooms are started.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperationsTest {

    private static final String NONE = "authentication: {type: none}";

    private final AtomicReference<CountDownLatch> gate = new AtomicReference<>(new CountDownLatch(0));

    /** How many requests were answered, in all tests. */
    private final AtomicLong answered = new AtomicLong();

    private RunningProduct host;
    private WholeProduct whole;
    private Receiver receiver;
    private RunningProduct product;
    private JMXConnectorServer server;
    private JMXConnector connector;
    private MBeanServerConnection jmx;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        host = RunningProduct.start(folder, WholeProduct.NO_ACCOUNTS, "camel.main.shutdownTimeout=30");
        server = JMXConnectorServerFactory.newJMXConnectorServer(
                new JMXServiceURL("service:jmx:rmi://"), null, ManagementFactory.getPlatformMBeanServer());
        server.start();
        connector = JMXConnectorFactory.connect(server.getAddress());
        jmx = connector.getMBeanServerConnection();
    }

    @BeforeEach
    void addAccount() {
        whole = new WholeProduct(host);
        receiver = new Receiver(got -> {
            awaitGate();
            answered.incrementAndGet();
            return new Reply(200);
        });
        product = whole.start(webhook("one", receiver.url(), NONE));
    }

    @AfterEach
    void restore() throws Exception {
        gate.get().countDown();
        for (String room : rooms().keySet()) {
            room("start", room);
        }
        assertEquals(200, management("/observe/health/ready").statusCode());
        whole.close();
        receiver.close();
    }

    @AfterAll
    void close() throws IOException {
        connector.close();
        server.stop();
        host.close();
    }

    private void awaitGate() {
        Patience.await(gate.get());
    }

    @Test
    void each_room_is_one_group_with_its_state() throws Exception {
        Set<String> rooms = jmx.queryNames(bean("routegroups", "*"), null).stream()
                .map(name -> ObjectName.unquote(name.getKeyProperty("name")))
                .collect(Collectors.toSet());
        assertTrue(rooms.containsAll(Set.of("ingest", "deliver", "record", "maintenance")), rooms::toString);
        for (String room : rooms) {
            assertEquals("Started", jmx.getAttribute(bean("routegroups", room), "State"), room);
        }
    }

    @Test
    void while_deliver_is_stopped_events_are_accepted_and_wait() throws Exception {
        group("deliver", "stop");
        assertEquals(1, whole.accept(callEnded("e1")));
        assertEquals(1, whole.accept(callEnded("e2")));
        assertEquals(DeliveryState.WAITING, whole.delivery("e1", "one").state());
        assertEquals(0, receiver.requests().size());

        group("deliver", "start");
        whole.await("e1", DeliveryState.DELIVERED);
        whole.await("e2", DeliveryState.DELIVERED);
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void while_deliver_is_suspended_events_are_accepted_and_wait() throws Exception {
        int routes = state("deliver").get("started");
        assertEquals(Map.of("started", 0, "suspended", routes, "stopped", 0), room("suspend", "deliver"));
        assertEquals(200, management("/observe/health/ready").statusCode());
        whole.accept(callEnded("e1"));
        whole.accept(callEnded("e2"));
        assertEquals(DeliveryState.WAITING, whole.delivery("e1", "one").state());
        assertEquals(0, receiver.requests().size());

        assertEquals(Map.of("started", routes, "suspended", 0, "stopped", 0), room("resume", "deliver"));
        whole.await("e1", DeliveryState.DELIVERED);
        whole.await("e2", DeliveryState.DELIVERED);
        assertEquals(2, receiver.requests().size());
        assertEquals(200, management("/observe/health/ready").statusCode());
    }

    @ParameterizedTest
    @CsvSource({"suspend, resume", "suspend, start", "stop, start"})
    void while_ingest_is_away_events_get_503_and_what_was_accepted_is_delivered(String leave, String comeBack)
            throws Exception {
        gate.set(new CountDownLatch(1));
        whole.accept(callEnded("e1"));
        room(leave, "ingest");
        assertEquals(0, state("ingest").get("started"));
        assertIngestIsAway();
        assertEquals(DeliveryState.WAITING, whole.delivery("e1", "one").state());

        gate.get().countDown();
        whole.await("e1", DeliveryState.DELIVERED);
        assertIngestIsAway();
        room(comeBack, "ingest");
        whole.accept(callEnded("e2"));
        whole.await("e2", DeliveryState.DELIVERED);
    }

    @Test
    void every_room_is_suspended_and_resumed_stopped_and_started() throws Exception {
        for (String room : rooms().keySet()) {
            Map<String, Integer> before = state(room);
            room("suspend", room);
            room("resume", room);
            assertEquals(before, state(room), room);
            assertEquals(0, room("stop", room).get("started"), room);
            assertEquals(before, room("start", room), room);
        }
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);
    }

    @Test
    void what_is_in_flight_ends_its_try_when_deliver_stops() throws Exception {
        gate.set(new CountDownLatch(1));
        whole.accept(callEnded("e1"));
        WholeProduct.await(() -> receiver.requests().size() == 1);

        CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> group("deliver", "stop"));
        // the route counts as started until nothing is in flight; the consumer of deliveries stops first
        WholeProduct.await(() ->
                !ServiceHelper.isStarted(product.camel().getRoute("deliver-due").getConsumer()));
        gate.get().countDown();
        stopping.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);

        whole.await("e1", DeliveryState.DELIVERED);
        assertEquals(1, whole.attempts("e1", "one").size());
        assertEquals(1, receiver.requests().size());
    }

    @Test
    void while_record_is_stopped_nothing_is_sent_twice_and_nothing_is_lost() throws Exception {
        group("record", "stop");
        whole.accept(callEnded("e1"));
        WholeProduct.await(() -> receiver.requests().size() == 1);

        group("record", "start");
        whole.await("e1", DeliveryState.DELIVERED);
        assertEquals(1, receiver.requests().size());
        assertEquals(1, whole.attempts("e1", "one").size());
    }

    @Test
    void while_ingest_is_stopped_or_suspended_events_get_503_and_when_to_come_back() throws Exception {
        group("ingest", "stop");
        assertIngestIsAway();
        group("ingest", "start");
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);

        jmx.invoke(bean("routes", "ingest-events"), "suspend", null, null);
        assertIngestIsAway();
        jmx.invoke(bean("routes", "ingest-events"), "resume", null, null);
        whole.accept(callEnded("e2"));
        whole.await("e2", DeliveryState.DELIVERED);
    }

    private void assertIngestIsAway() {
        HttpResponse<String> answer = product.postEvent(WholeProduct.KEY, callEnded("e0"));
        assertEquals(503, answer.statusCode());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
        assertTrue(answer.headers().firstValueAsLong("Retry-After").orElse(0) > 0);
        assertEquals(503, RunningProduct.json(answer).get("status").asInt());
    }

    @Test
    void maintenance_stops_and_starts() throws Exception {
        group("maintenance", "stop");
        assertEquals("Stopped", status("remove-expired-data"));
        assertEquals("Stopped", status("vacuum-store"));
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);
        group("maintenance", "start");
        assertEquals("Started", status("remove-expired-data"));
        assertEquals("Started", status("vacuum-store"));
    }

    @Test
    void a_stopped_room_is_a_detail_of_health_and_a_metric_since_events_are_taken_still() throws Exception {
        assertEquals(0, metric("webhooks_routes_stopped"));
        group("deliver", "stop");
        try {
            assertEquals(200, management("/observe/health/ready").statusCode());
            assertEquals(
                    202, product.postEvent(WholeProduct.KEY, callEnded("e1")).statusCode());
            String health = management("/observe/health").body();
            assertTrue(health.contains("these routes do not run: ") && health.contains("deliver-due"), health);
            assertTrue(metric("webhooks_routes_stopped") > 0);
        } finally {
            group("deliver", "start");
        }
        assertFalse(management("/observe/health").body().contains("do not run"));
    }

    @Test
    void while_the_route_that_takes_events_is_stopped_or_suspended_the_product_is_unready_but_alive() throws Exception {
        for (String[] operations : new String[][] {{"stop", "start"}, {"suspend", "resume"}}) {
            assertEquals(200, management("/observe/health/ready").statusCode());
            jmx.invoke(bean("routes", "ingest-events"), operations[0], null, null);
            HttpResponse<String> ready = management("/observe/health/ready");
            assertEquals(503, ready.statusCode());
            assertEquals("DOWN", RunningProduct.json(ready).get("status").asText());
            assertTrue(ready.body().contains("ingest-events"), ready.body());
            assertEquals(200, management("/observe/health/live").statusCode());
            assertEquals(200, management("/observe/health/startup").statusCode(), "it has started once");
            jmx.invoke(bean("routes", "ingest-events"), operations[1], null, null);
        }
        assertEquals(200, management("/observe/health/ready").statusCode());
    }

    @Test
    void a_store_that_cannot_be_written_makes_it_unready_and_events_get_503() throws Exception {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + host.storeFile());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            // both wait for the lock at once, as long as the store does
            CompletableFuture<HttpResponse<String>> sent =
                    CompletableFuture.supplyAsync(() -> product.postEvent(WholeProduct.KEY, callEnded("e1")));
            assertEquals(200, management("/observe/health/live").statusCode());
            HttpResponse<String> ready = management("/observe/health/ready");
            assertEquals(503, ready.statusCode());
            assertTrue(ready.body().contains("store"), ready.body());
            HttpResponse<String> answer = sent.join();
            assertEquals(503, answer.statusCode());
            assertTrue(answer.headers().firstValueAsLong("Retry-After").orElse(0) > 0);
            statement.execute("ROLLBACK");
        }
        assertEquals(List.of(), whole.deliveries("e1"), "nothing half-written");
        WholeProduct.await(() -> management("/observe/health/ready").statusCode() == 200);
        assertEquals(1, whole.accept(callEnded("e1")));
        whole.await("e1", DeliveryState.DELIVERED);
    }

    @Test
    void the_metrics_name_what_was_delivered_and_a_waiting_delivery() {
        double before = metric("webhooks_deliveries_pending");
        whole.accept(callEnded("e1"));
        whole.await("e1", DeliveryState.DELIVERED);
        // counted when it has been written, last how long it took
        WholeProduct.await(
                () -> metric("webhooks_attempt_duration_seconds_count{authentication=\"none\"}") == answered.get());
        assertEquals(answered.get(), metric("webhooks_delivery_attempts_total{outcome=\"delivered\"}"));
        WholeProduct.await(() -> metric("webhooks_deliveries_pending") == before);
        assertEquals(1, metric("webhooks_config_current"));
        assertTrue(metric("webhooks_store_bytes") > 0);
        assertTrue(metric("webhooks_store_wal_bytes") > 0);
    }

    /** Its value; 0 where it is not there yet, as only labeled ones may be. */
    private double metric(String series) {
        HttpResponse<String> metrics = management("/observe/metrics");
        assertEquals(200, metrics.statusCode());
        return metrics.body()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseGet(() -> {
                    assertTrue(series.endsWith("}"), () -> series + " is not in\n" + metrics.body());
                    return 0;
                });
    }

    @Test
    void health_and_metrics_are_on_the_management_port_alone() {
        assertEquals(404, product.get("/observe/health", WholeProduct.KEY).statusCode());
        assertEquals(404, product.get("/observe/metrics", WholeProduct.KEY).statusCode());
        assertEquals(
                404, product.get("/observe/health/startup", WholeProduct.KEY).statusCode());
    }

    private Map<String, Integer> room(String operation, String room) throws Exception {
        return counts(jmx.invoke(ours(), operation, new Object[] {room}, new String[] {String.class.getName()}));
    }

    private Map<String, Integer> state(String room) throws Exception {
        return counts(rooms().get(room));
    }

    @SuppressWarnings("unchecked")
    private Map<String, ?> rooms() throws Exception {
        return (Map<String, ?>) jmx.getAttribute(ours(), "States");
    }

    private ObjectName ours() {
        return ManagementBeans.name(product.camel().getName(), "Rooms");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Integer> counts(Object state) {
        return (Map<String, Integer>) state;
    }

    private void group(String name, String operation) {
        try {
            jmx.invoke(bean("routegroups", name), operation, null, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(operation + " of room " + name, e);
        }
    }

    private String status(String route) throws Exception {
        return (String) jmx.getAttribute(bean("routes", route), "State");
    }

    private ObjectName bean(String type, String name) throws Exception {
        String quoted = name.equals("*") ? "*" : ObjectName.quote(name);
        return new ObjectName(
                "org.apache.camel:context=" + product.camel().getName() + ",type=" + type + ",name=" + quoted);
    }

    private HttpResponse<String> management(String path) {
        return product.send(HttpRequest.newBuilder(product.managementUrl(path)).build());
    }
}
