package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several instances on one PostgreSQL, each with its own configuration file that is replaced at its own time. This class
 * starts two, which share no files with others; each test begins with a file that is the same at both.
 */
@Timeout(240)
class ReplicatedConfigTest {

    private static final String KEY = "shared-configuration-admin-key-0123456789";
    private static final URI NOWHERE = URI.create("http://127.0.0.1:9/");

    @TempDir
    static Path folder;

    private static SharedDatabase database;
    private static RunningProduct a;
    private static RunningProduct b;

    @BeforeAll
    static void startBoth() {
        database = new SharedDatabase();
        a = instance("a");
        b = instance("b");
    }

    @AfterAll
    static void stopBoth() {
        a.close();
        b.close();
        database.close();
    }

    private static RunningProduct instance(String name) {
        return RunningProduct.start(
                folder.resolve(name), file(NOWHERE, "one"), database.settings("webhooks.store.lease=3s"));
    }

    private static void change(RunningProduct product, String file) {
        product.config(file);
        product.part("config", ActiveConfig.class).reread();
    }

    private static void begin(String file) {
        change(a, file);
        change(b, file);
        awaitState(a, ConfigStatus.State.CURRENT);
        awaitState(b, ConfigStatus.State.CURRENT);
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

    private static void awaitState(RunningProduct product, ConfigStatus.State state) {
        ActiveConfig config = product.part("config", ActiveConfig.class);
        await().until(() -> config.status().state() == state);
    }

    private static void awaitWebhooks(RunningProduct product, String... names) {
        await().until(() -> webhooks(product).equals(Set.of(names)));
    }

    @Test
    void a_change_of_one_instances_file_holds_at_all_while_their_files_follow() {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            begin(file(receiver.url(), "one"));

            change(a, file(receiver.url(), "one", "two"));
            awaitWebhooks(b, "one", "two");
            awaitState(a, ConfigStatus.State.CURRENT);
            awaitState(b, ConfigStatus.State.OTHER);
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
            change(b, file(receiver.url(), "one", "two"));
            awaitState(b, ConfigStatus.State.CURRENT);
            assertEquals(Set.of("one", "two"), webhooks(a));

            change(b, file(receiver.url(), "one"));
            awaitWebhooks(a, "one");
            awaitState(a, ConfigStatus.State.OTHER);
        }
    }

    private static String idOf(RunningProduct product, String webhook) {
        return product.read("/v1/webhooks/" + webhook, KEY).get("id").asText();
    }

    @Test
    void a_webhook_that_one_instances_file_renames_has_its_id_at_all() {
        begin(file(NOWHERE, "one"));
        String id = idOf(a, "one");
        assertEquals(id, idOf(b, "one"));
        change(a, file(NOWHERE, "uno, was: one"));
        awaitWebhooks(b, "uno");
        assertEquals(id, idOf(a, "uno"));
        assertEquals(id, idOf(b, "uno"));
        change(b, file(NOWHERE, "uno, was: one"));
        awaitState(b, ConfigStatus.State.CURRENT);
        assertEquals(id, idOf(b, "uno"));
    }

    @Test
    void an_instance_that_starts_with_an_old_file_runs_on_the_new_one_and_says_so() {
        begin(file(NOWHERE, "one"));
        change(a, file(NOWHERE, "one", "two"));
        try (RunningProduct late = instance("late")) {
            awaitState(late, ConfigStatus.State.OTHER);
            assertEquals(Set.of("one", "two"), webhooks(late));
            assertEquals(Set.of("one", "two"), webhooks(a));
        }
    }

    @Test
    void an_instance_whose_file_is_broken_runs_on_what_the_others_change() {
        begin(file(NOWHERE, "one"));
        change(b, "accounts: [{id: acme, colour: red}]");
        awaitState(b, ConfigStatus.State.BROKEN);
        change(a, file(NOWHERE, "two"));
        awaitWebhooks(b, "two");
        awaitState(b, ConfigStatus.State.BROKEN);
    }
}
