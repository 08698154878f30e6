package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.operate.SetUpInUse;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.setup.SetUpStatus;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several instances on one PostgreSQL, each with a set-up file of its own that is exchanged at its own time. */
@Timeout(240)
class SharedSetUpTest {

    private static final String KEY = "shared-set-up-admin-key-0123456789";

    @TempDir
    Path folder;

    private final SharedDatabase database = new SharedDatabase();
    private final List<RunningProduct> running = new ArrayList<>();

    @AfterEach
    void stopAll() {
        running.forEach(RunningProduct::close);
        database.close();
    }

    private RunningProduct instance(String name, String setUp) {
        RunningProduct product =
                RunningProduct.start(folder.resolve(name), setUp, database.settings("webhooks.store.lease=3s"));
        running.add(product);
        return product;
    }

    private static String file(URI receiver, String... webhooks) {
        return "accounts:\n  - id: acme\n    apiKeys: [{name: all, role: admin, key: " + KEY + "}]\n    webhooks:\n"
                + Stream.of(webhooks)
                        .map(name -> "      - {name: " + name + ", events: [\"*\"], delivery: {url: \"" + receiver
                                + "\", authentication: {type: none}}}\n")
                        .collect(Collectors.joining());
    }

    private static Set<String> webhooks(RunningProduct product) {
        Set<String> names = new TreeSet<>();
        product.read("/v1/webhooks", KEY)
                .get("items")
                .forEach(item -> names.add(item.get("name").asText()));
        return names;
    }

    private static void awaitState(RunningProduct product, SetUpStatus.State state) {
        SetUpInUse setUp = product.camel().getRegistry().lookupByNameAndType("setUp", SetUpInUse.class);
        await().until(() -> setUp.status().state() == state);
    }

    private static void awaitWebhooks(RunningProduct product, String... names) {
        await().until(() -> webhooks(product).equals(Set.of(names)));
    }

    @Test
    void a_change_of_one_instances_file_holds_at_all_while_their_files_follow() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            RunningProduct a = instance("a", file(receiver.url(), "one"));
            RunningProduct b = instance("b", file(receiver.url(), "one"));
            awaitState(b, SetUpStatus.State.CURRENT);

            a.setUp(file(receiver.url(), "one", "two"));
            awaitWebhooks(b, "one", "two");
            awaitState(a, SetUpStatus.State.CURRENT);
            awaitState(b, SetUpStatus.State.OTHER);
            // whichever instance is asked and whichever owns them
            for (int i = 0; i < 4; i++) {
                String id = "e" + i;
                RunningProduct asked = i % 2 == 0 ? a : b;
                assertEquals(
                        202,
                        asked.post(
                                        "/v1/events",
                                        KEY,
                                        "application/cloudevents+json",
                                        "{\"specversion\":\"1.0\",\"id\":\"" + id
                                                + "\",\"source\":\"/s\",\"type\":\"t\",\"data\":{}}")
                                .statusCode());
                asked.awaitDeliveries(KEY, id, 2, "delivered");
            }
            b.setUp(file(receiver.url(), "one", "two"));
            awaitState(b, SetUpStatus.State.CURRENT);
            assertEquals(Set.of("one", "two"), webhooks(a));

            b.setUp(file(receiver.url(), "one"));
            awaitWebhooks(a, "one");
            awaitState(a, SetUpStatus.State.OTHER);
        }
    }

    @Test
    void an_instance_that_starts_with_an_old_file_runs_on_the_new_one_and_says_so() {
        URI nowhere = URI.create("http://127.0.0.1:9/");
        RunningProduct a = instance("a", file(nowhere, "one"));
        a.setUp(file(nowhere, "one", "two"));
        awaitWebhooks(a, "one", "two");
        RunningProduct late = instance("b", file(nowhere, "one"));
        awaitState(late, SetUpStatus.State.OTHER);
        assertEquals(Set.of("one", "two"), webhooks(late));
        assertEquals(Set.of("one", "two"), webhooks(a));
    }

    @Test
    void an_instance_whose_file_is_broken_runs_on_what_the_others_change() {
        URI nowhere = URI.create("http://127.0.0.1:9/");
        RunningProduct a = instance("a", file(nowhere, "one"));
        RunningProduct b = instance("b", file(nowhere, "one"));
        b.setUp("accounts: [{id: acme, colour: red}]");
        awaitState(b, SetUpStatus.State.BROKEN);
        a.setUp(file(nowhere, "two"));
        awaitWebhooks(b, "two");
        awaitState(b, SetUpStatus.State.BROKEN);
    }
}
