package io.engagementwebhooks.deliver;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limit per host (semantics 18), which is a setting, on a separate product. */
@Timeout(300)
class LimitedHostTest {

    private static final String KEY = "an-admin-key-of-acme-0000";
    private static final String OTHER = "an-admin-key-of-other-0000";
    private static final int LIMIT = 2;
    private static final int WEBHOOKS = 5;
    private static final int UNLIMITED = 1_000;

    @TempDir
    private static Path folder;

    @AutoClose
    private static RunningProduct started;

    /** A permit for each response. */
    private final Semaphore responses = new Semaphore(0);

    /** The requests in flight at the receiver by path, and their maximum. */
    private final ConcurrentMap<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();

    private final ConcurrentMap<String, Integer> most = new ConcurrentHashMap<>();

    @AutoClose
    private final Receiver receiver = new Receiver(this::answer);

    @AutoClose
    private final Receiver elsewhere = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private RunningProduct product;

    @BeforeAll
    static void start() {
        started = RunningProduct.start(folder, "accounts: []\n", "webhooks.deliver.max-in-flight-per-host=" + LIMIT);
    }

    private Receiver.Reply answer(Receiver.Got got) {
        String path = got.target().getPath();
        most.merge(path, inFlight(path).incrementAndGet(), Math::max);
        try {
            responses.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inFlight(path).decrementAndGet();
        return new Receiver.Reply(204);
    }

    private AtomicInteger inFlight(String path) {
        return inFlight.computeIfAbsent(path, first -> new AtomicInteger());
    }

    private void awaitInFlight(String path, int count) {
        await().until(() -> inFlight(path).get() == count);
    }

    private static String account(String id, String key, String webhooks) {
        return "  - id: " + id + "\n    apiKeys: [{name: staff, role: admin, key: " + key + "}]\n    webhooks:\n"
                + webhooks;
    }

    private static String webhook(String name, String type, URI url) {
        return "      - {name: %s, events: [%s], retry: [1h], delivery: {url: \"%s\", timeout: 30s, authentication: {type: none}}}\n"
                .formatted(name, type, url);
    }

    private static String webhooks(URI url) {
        return IntStream.range(0, WEBHOOKS)
                .mapToObj(i -> webhook("crm-" + i, "call", url))
                .collect(Collectors.joining());
    }

    private void send(String key, String id, String type) {
        product.postEvent(key, "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"" + type + "\",\"data\":{}}");
    }

    private static List<JsonNode> items(JsonNode list) {
        return StreamSupport.stream(list.get("items").spliterator(), false).toList();
    }

    private void assertOneAttemptEach(String event, String state) {
        product.awaitDeliveries(KEY, event, WEBHOOKS, state)
                .forEach(each -> assertEquals(1, each.get("attemptCount").asInt(), each.toString()));
    }

    /** The budgets that deliveries of a list wait for. */
    private List<String> waiting(String path) {
        return items(product.read(path, KEY)).stream()
                .map(item -> item.at("/waitingFor/budget"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .toList();
    }

    @Test
    void the_others_wait_without_an_attempt_and_say_so_and_no_other_host_or_account_waits() {
        product = started.with("accounts:\n"
                + account(
                        "acme",
                        KEY,
                        webhooks(receiver.url().resolve("/acme")) + webhook("fast", "form", elsewhere.url()))
                + account("other", OTHER, webhooks(receiver.url().resolve("/other"))));
        send(KEY, "calls", "call");
        awaitInFlight("/acme", LIMIT);
        for (int i = 0; i < 20; i++) {
            send(KEY, "form-" + i, "form");
            product.awaitDeliveries(KEY, "form-" + i, 1, "delivered");
        }
        send(OTHER, "theirs", "call");
        awaitInFlight("/other", LIMIT);

        List<String> others = Collections.nCopies(WEBHOOKS - LIMIT, "host");
        assertEquals(others, waiting("/v1/deliveries?event=calls"));
        assertEquals(others, waiting("/v1/waiting"));

        responses.release(UNLIMITED);
        assertOneAttemptEach("calls", "delivered");
        assertEquals(LIMIT, most.get("/acme"));
        product.awaitDeliveries(OTHER, "theirs", WEBHOOKS, "delivered");
        assertEquals(LIMIT, most.get("/other"));
    }

    @Test
    void a_request_that_times_out_lets_the_next_begin() {
        String hanging = webhooks(receiver.url().resolve("/hanging")).replace("timeout: 30s", "timeout: 200ms");
        product = started.with("accounts:\n" + account("acme", KEY, hanging));
        send(KEY, "calls", "call");
        assertOneAttemptEach("calls", "waiting");
        assertEquals(WEBHOOKS, receiver.requests().size());
    }

    @Test
    void a_refused_connection_lets_the_next_begin() {
        URI closed = URI.create("http://127.0.0.1:" + FreePort.any() + "/");
        product = started.with("accounts:\n" + account("acme", KEY, webhooks(closed)));
        send(KEY, "calls", "call");
        await().until(() -> items(product.read("/v1/deliveries?event=calls&outcome=try-later", KEY))
                        .size()
                == WEBHOOKS);
    }

    @Test
    void with_another_url_a_webhook_leaves_the_host_and_its_requests_there_still_count() {
        product = started.with("accounts:\n" + account("acme", KEY, webhooks(receiver.url())));
        String path = receiver.url().getPath();
        send(KEY, "calls", "call");
        awaitInFlight(path, LIMIT);
        String moved = webhooks(elsewhere.url());
        product.config("accounts:\n" + account("acme", KEY, moved + webhook("late", "form", receiver.url())));
        await().until(() -> elsewhere.requests().size() == WEBHOOKS - LIMIT);
        send(KEY, "form", "form");
        await().until(() -> waiting("/v1/deliveries?event=form").equals(List.of("host")));
        assertEquals(LIMIT, receiver.requests().size());
        responses.release(UNLIMITED);
        assertOneAttemptEach("calls", "delivered");
        product.awaitDeliveries(KEY, "form", 1, "delivered");
        assertEquals(LIMIT, most.get(path));
        assertEquals(LIMIT + 1, receiver.requests().size());
    }
}
