package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleIntake;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * A webhook made by the API that was renamed more than once, on a product that restarts. An instance that has not followed
 * yet stores under a name that the webhook had: the test does so in its place.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FormerNamesTest {

    private final List<Account> accounts = new ArrayList<>();
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) {
        product = RunningProduct.start(folder, TwoAccounts.ONLY_ACME);
    }

    @AfterAll
    void stop() {
        product.close();
        accounts.forEach(account -> {
            account.receiver.close();
            account.other.close();
        });
    }

    /** With a webhook that is called one. */
    private final class Account {

        private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
        private final Receiver other = new Receiver(got -> new Receiver.Reply(204));
        private final Api api = new Api(product.with(TwoAccounts.ONLY_ACME), TwoAccounts.adminKey("acme"));

        private Account() {
            accounts.add(this);
            create("one", receiver);
        }

        private void create(String name, Receiver to) {
            api.created(
                    "webhooks", "{`name`: `" + name + "`, `events`: [`*`], `delivery`: {`url`: `" + to.url() + "`}}");
        }

        private void rename(String from, String to) {
            assertEquals(
                    200,
                    api.change("PATCH", "/v1/webhooks/" + from, "{`name`: `" + to + "`}")
                            .statusCode());
        }

        private SampleIntake of(String event, String webhook) {
            return SampleIntake.event(event).of(api.product().account("acme")).to(webhook, Clock.systemUTC());
        }

        /** As another instance does. */
        private String storedElsewhere(String event, String webhook) {
            SampleIntake intake = of(event, webhook);
            product.part("store", Store.class)
                    .accept(List.of(intake.intake()))
                    .toCompletableFuture()
                    .join();
            return intake.deliveryId();
        }

        /** Looked up before this instance followed, and stored afterwards. */
        private String storedHere(String event, String webhook) {
            SampleIntake intake = of(event, webhook);
            product.part("outbox", Outbox.class)
                    .accept(List.of(intake.intake()))
                    .toCompletableFuture()
                    .join();
            return intake.deliveryId();
        }

        private String webhookOf(String delivery) {
            return api.delivery(delivery).get("webhook").asText();
        }

        private int waiting(String webhook) {
            return api.webhook(webhook).get("waiting").asInt();
        }
    }

    @TestFactory
    List<DynamicTest> after_a_restart() throws Exception {
        return OneRestart.of(this, () -> {
            product.stop();
            product.start();
        });
    }

    Executable what_was_stored_under_any_name_that_a_webhook_had_is_sent_for_it() {
        Account acme = new Account();
        acme.rename("one", "two");
        acme.rename("two", "three");
        String first = acme.storedElsewhere("first", "one");
        String second = acme.storedElsewhere("second", "two");
        return () -> {
            acme.api.idOf("first", "delivered");
            acme.api.idOf("second", "delivered");
            assertEquals("three", acme.webhookOf(first));
            assertEquals("three", acme.webhookOf(second));
            assertEquals(2, acme.receiver.requests().size());
        };
    }

    /** An instance that starts has not followed step by step. */
    Executable an_instance_that_learns_of_two_renamings_at_once_lets_follow_what_it_stores_under_the_first_name() {
        Account acme = new Account();
        acme.rename("one", "two");
        acme.rename("two", "three");
        return () -> {
            String id = acme.storedHere("late", "one");
            acme.api.idOf("late", "delivered");
            assertEquals("three", acme.webhookOf(id));
        };
    }

    Executable the_state_of_a_webhook_is_that_of_its_last_name() {
        Account acme = new Account();
        acme.api.did("one", "pause");
        acme.rename("one", "two");
        String id = acme.storedElsewhere("late", "one");
        acme.rename("two", "three");
        assertEquals("paused", acme.api.webhook("three").get("state").asText());
        assertEquals(1, acme.waiting("three"));
        assertEquals("three", acme.webhookOf(id));
        return () -> {
            assertEquals("paused", acme.api.webhook("three").get("state").asText());
            acme.api.did("three", "resume");
            acme.api.idOf("late", "delivered");
        };
    }

    Executable a_former_name_that_another_webhook_got_belongs_to_that_one() {
        Account acme = new Account();
        acme.rename("one", "two");
        acme.rename("two", "three");
        acme.create("one", acme.other);
        acme.api.did("one", "pause");
        acme.api.did("three", "pause");
        acme.api.event("own");
        acme.api.awaitDeliveries("own", 2, "paused");
        acme.api.delete("/v1/webhooks/one");
        return () -> {
            assertEquals(1, acme.waiting("three"));
            acme.api.did("three", "resume");
            Awaitility.await().until(() -> acme.receiver.requests().size() == 1);
            acme.create("one", acme.other);
            acme.api.did("one", "resume");
            acme.api.awaitDeliveries("own", 2, "delivered");
            assertEquals(1, acme.receiver.requests().size());
            assertEquals(1, acme.other.requests().size());
        };
    }

    Executable of_many_former_names_the_last_ten_are_known() {
        Account acme = new Account();
        acme.rename("one", "name-1");
        for (int i = 1; i <= 10; i++) {
            acme.rename("name-" + i, "name-" + (i + 1));
        }
        String eldest = acme.storedElsewhere("eldest", "one");
        acme.storedElsewhere("tenth", "name-1");
        acme.storedElsewhere("last", "name-10");
        return () -> {
            acme.api.idOf("tenth", "delivered");
            acme.api.idOf("last", "delivered");
            assertEquals("one", acme.webhookOf(eldest));
        };
    }

    Executable a_webhook_that_is_given_its_former_name_again_keeps_the_one_between() {
        Account acme = new Account();
        acme.rename("one", "two");
        acme.rename("two", "one");
        acme.storedElsewhere("first", "one");
        acme.storedElsewhere("second", "two");
        return () -> {
            acme.api.idOf("first", "delivered");
            acme.api.idOf("second", "delivered");
            assertEquals(0, acme.waiting("one"));
        };
    }
}
