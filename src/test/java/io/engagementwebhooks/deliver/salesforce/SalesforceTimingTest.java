package io.engagementwebhooks.deliver.salesforce;

import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.connection;
import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.create;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

/** The duration of each part of an attempt at an org. */
class SalesforceTimingTest extends SalesforceFixture {

    private static final List<String> ON_A_KEPT_CONNECTION = List.of("wait", "body");
    private static final List<String> ON_A_NEW_CONNECTION = List.of("connect", "wait", "body");
    private static final Duration SHORT = Duration.ofMillis(700);

    private Exchange send(Duration timeout) {
        return branch.send(branch.delivery(connection(org), create("Task"), "call-ended", timeout, 1));
    }

    private List<Exchange> sendTogether(int records) throws Exception {
        SalesforceConnection batching = SalesforceBranch.batching(org, records);
        return branch.sendTogether(IntStream.range(0, records)
                .mapToObj(i -> branch.delivery(batching, create("Task"), "call-ended"))
                .toList());
    }

    /** Makes the org close the connection, so that the pool drops it. */
    private void breakConnection() {
        org.dropNextAnswer();
        assertEquals(List.of("wait"), parts(send(Duration.ofSeconds(15))), "there is no answer whose body is read");
    }

    private static JsonNode timing(Exchange done) {
        try {
            return EventJson.mapper()
                    .readTree(DeliveryContext.of(done).request().timing().json());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> parts(Exchange done) {
        List<String> parts = new ArrayList<>();
        timing(done).fieldNames().forEachRemaining(parts::add);
        return parts;
    }

    @Test
    void an_attempt_reports_its_parts_and_a_reused_connection_has_no_connect_time() {
        assertEquals(ON_A_KEPT_CONNECTION, parts(send(Duration.ofSeconds(15))), "the login has opened the connection");
        breakConnection();

        assertEquals(ON_A_NEW_CONNECTION, parts(send(Duration.ofSeconds(15))));
        assertEquals(ON_A_KEPT_CONNECTION, parts(send(Duration.ofSeconds(15))));
    }

    @Test
    void a_hanging_org_reports_its_wait_time() {
        send(SHORT.multipliedBy(20));
        org.hang();

        Exchange done = send(SHORT);

        assertEquals(List.of("wait"), parts(done));
        assertTrue(timing(done).get("wait").asDouble() >= SHORT.toMillis() - 1, "" + timing(done));
    }

    @Test
    void a_call_resent_after_a_login_has_both_times() {
        send(Duration.ofSeconds(15));
        breakConnection();
        org.revokeTokens();

        Exchange done = send(Duration.ofSeconds(15));

        assertEquals(2, org.logins());
        assertEquals(ON_A_NEW_CONNECTION, parts(done), "the refused one opened the connection");
    }

    @Test
    void each_record_of_a_batch_has_the_time_of_the_whole_call() throws Exception {
        List<Exchange> done = sendTogether(2);

        assertEquals(ON_A_KEPT_CONNECTION, parts(done.get(0)));
        assertEquals(timing(done.get(0)), timing(done.get(1)));
    }

    @Test
    void records_resent_in_halves_include_the_time_of_the_refused_call() throws Exception {
        sendTogether(4);
        org.dropNextAnswer();
        sendTogether(4);
        org.failNext(400, "JSON_PARSER_ERROR", 1);

        List<Exchange> done = sendTogether(4);

        assertEquals(5, org.calls());
        for (Exchange each : done) {
            assertEquals(ON_A_NEW_CONNECTION, parts(each), "one half went by the connection of the refused call");
        }
    }
}
