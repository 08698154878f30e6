package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Two instances in this process on one PostgreSQL, for a test class, with an account for each test. Their leases outlast all
 * waiting: a machine that has no time for one of them does not make the other repeat its deliveries.
 */
final class TwoInstances implements AutoCloseable {

    /** Of so many some belong to each instance. */
    static final int WEBHOOKS = 12;

    private static final int ACCOUNTS = 20;

    final SharedDatabase database = new SharedDatabase();
    final RunningProduct a;
    final RunningProduct b;
    private final Path folder;
    private int used;

    TwoInstances(Path folder) {
        this.folder = folder;
        a = instance("a");
        database.awaitShares(256);
        b = instance("b");
        database.awaitShares(128, 128);
    }

    /** Another on the same database; to be closed. */
    RunningProduct instance(String name) {
        return RunningProduct.start(
                folder.resolve(name),
                IntStream.range(0, ACCOUNTS)
                        .mapToObj(i ->
                                "  - {id: " + name(i) + ", apiKeys: [{name: all, role: admin, key: " + key(i) + "}]}\n")
                        .collect(Collectors.joining("", "accounts:\n", "")),
                database.settings(
                        "webhooks.store.lease=5m",
                        "camel.main.shutdownTimeout=60",
                        "webhooks.console.url=https://webhooks.example.com"));
    }

    private static String name(int account) {
        return "account-" + account;
    }

    private static String key(int account) {
        return "several-admin-key-of-account-" + account;
    }

    Account account() {
        return new Account(used++);
    }

    /** What deliveries wait is counted by the instance that changes it. */
    void assertSumOfWaitingIsRight() {
        assertEquals(
                List.of(0),
                database.query("SELECT coalesce(sum(n), 0) - (SELECT count(*) FROM delivery WHERE state = 'waiting')"
                        + " FROM pending_count"));
    }

    @Override
    public void close() {
        a.close();
        b.close();
        database.close();
    }

    /** An account that one test uses, at any instance. */
    final class Account {

        final String name;
        final String key;

        private Account(int number) {
            name = name(number);
            key = key(number);
        }

        /** @return what it answered, which has this status, as JSON */
        JsonNode post(int status, RunningProduct to, String path, String body) {
            HttpResponse<String> answer = to.post(path, key, "application/json", body.replace('`', '"'));
            assertEquals(status, answer.statusCode(), answer.body());
            return RunningProduct.json(answer);
        }

        void send(RunningProduct to, String id) {
            String event = "{\"specversion\":\"1.0\",\"id\":\"" + id
                    + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":\"" + id + "\"}}";
            assertEquals(
                    202,
                    to.post("/v1/events", key, "application/cloudevents+json", event)
                            .statusCode());
        }

        /** Makes webhooks w0, w1, … at one instance, and waits until the other knows them. */
        void makeWebhooks(URI receiver, String authentication) {
            for (int i = 0; i < WEBHOOKS; i++) {
                post(
                        201,
                        a,
                        "/v1/webhooks",
                        "{`name`: `w" + i + "`, `events`: [`call.ended`], `retry`: [`1h`], `delivery`: {`url`: `"
                                + receiver + "`, `authentication`: " + authentication + "}}");
            }
            await().until(() -> webhooks(b) == WEBHOOKS);
        }

        void makeWebhooks(URI receiver) {
            makeWebhooks(receiver, "{`type`: `none`}");
        }

        int webhooks(RunningProduct at) {
            return at.read("/v1/webhooks", key).get("items").size();
        }

        /** Does the same with each webhook; so many deliveries are handled in all. */
        void forEachWebhook(RunningProduct at, String action, int deliveries) {
            int handled = 0;
            for (int i = 0; i < WEBHOOKS; i++) {
                handled += post(200, at, "/v1/webhooks/w" + i + "/" + action, "")
                        .path("deliveries")
                        .asInt();
            }
            assertEquals(deliveries, handled);
        }

        /** Waits until an event has been delivered to all webhooks. */
        JsonNode awaitDelivered(RunningProduct at, String event) {
            return at.awaitDeliveries(key, event, WEBHOOKS, "delivered");
        }

        /** A number computed of the rows of this account in a table. */
        int query(String what, String table) {
            return database.query("SELECT " + what + " FROM " + table
                            + " WHERE account = (SELECT key FROM account WHERE id = '" + name + "')")
                    .get(0);
        }

        void awaitDeliveries(String state, int many) {
            await().until(() -> query("count(*) FILTER (WHERE state = '" + state + "')", "delivery") == many);
        }
    }
}
