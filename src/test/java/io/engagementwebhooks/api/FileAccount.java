package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** An account with webhooks of a configuration file; the first is named calls and gets all events. */
final class FileAccount implements AutoCloseable {

    /** The status that its receiver answers. */
    volatile int status = 503;

    final Receiver receiver = new Receiver(got -> new Receiver.Reply(status));
    final Receiver other = new Receiver(got -> new Receiver.Reply(204));
    final ApiClient api;

    /** @param add adds accounts to a product */
    FileAccount(Function<String, RunningProduct> add) {
        api = new ApiClient(add.apply(file(webhook("calls", ""))), TwoAccounts.adminKey("acme"));
    }

    @Override
    public void close() {
        api.product().close();
        receiver.close();
        other.close();
    }

    private static String file(String webhooks) {
        return TwoAccounts.ONLY_ACME + "    webhooks:" + webhooks;
    }

    /** A webhook of the file with more members. */
    String webhook(String name, String more) {
        return "\n      - {name: " + name + more + ", events: [call.ended], retry: [7d], delivery: {url: \""
                + receiver.url() + "\"}}";
    }

    /** Changes the file. */
    void config(String webhooks) {
        api.product().config(file(webhooks));
    }

    /** The id of a delivery after one attempt, a week before the next. */
    String waiting(String event) {
        api.event(event);
        Awaitility.await()
                .until(() -> api.read("/v1/deliveries?outcome=try-later&event=" + event)
                                .get("items")
                                .size()
                        == 1);
        return api.idOf(event, "waiting");
    }

    /** Creates a webhook with the API that sends to {@link #other}. */
    HttpResponse<String> create(String name, String more) {
        return api.create(
                "webhooks",
                "{`name`: `" + name + "`, `events`: [`call.ended`], `delivery`: {`url`: `" + other.url() + "`" + more
                        + "}}");
    }

    void created(String name, String more) {
        HttpResponse<String> made = create(name, more);
        assertEquals(201, made.statusCode(), made.body());
    }

    HttpResponse<String> change(String method, String webhook, String body) {
        return api.send(method, "/v1/webhooks/" + webhook, "*", body);
    }

    int statusOf(String webhook) {
        return api.get("/v1/webhooks/" + webhook).statusCode();
    }

    int waitingFor(String webhook) {
        return api.webhook(webhook).get("waiting").asInt();
    }

    String stateOf(String delivery) {
        return api.delivery(delivery).get("state").asText();
    }

    JsonNode did(String webhook, String what) {
        return api.did(webhook, what);
    }
}
