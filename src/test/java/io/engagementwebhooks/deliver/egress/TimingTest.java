package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** What of a call took how long. */
class TimingTest {

    private static OutgoingRequest request(URI url) {
        return new OutgoingRequest(url, "POST", new byte[] {'x'}, Instant.now().plusSeconds(30));
    }

    @Test
    void the_parts_of_a_call_are_told_and_an_open_connection_has_none_to_open() throws IOException {
        EgressRules rules = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                EgressClient egress = new EgressClient(rules, "1", Clock.systemUTC())) {
            OutgoingRequest first = request(receiver.url());
            egress.send(first);
            String parts = first.timing().json();
            for (String part : new String[] {"connect", "wait", "body"}) {
                assertTrue(parts.contains('"' + part + "\":"), parts);
            }
            assertFalse(parts.contains("tls"), parts);
            OutgoingRequest second = request(receiver.url());
            egress.send(second);
            assertFalse(
                    second.timing().json().contains("connect"), second.timing().json());
        }
    }

    @Test
    void where_there_is_no_connection_nothing_was_waited_for() throws IOException {
        EgressRules rules = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));
        try (EgressClient egress = new EgressClient(rules, "1", Clock.systemUTC())) {
            OutgoingRequest request = request(URI.create("http://127.0.0.1:" + FreePort.any() + "/"));
            Assertions.assertThrows(IOException.class, () -> egress.send(request));
            assertTrue(
                    request.timing().json().startsWith("{\"connect\":"),
                    request.timing().json());
            assertFalse(request.timing().json().contains("wait"));
        }
    }

    @Test
    void a_second_send_adds_to_the_first_and_thousandths_are_kept() {
        Timing timing = new Timing();
        assertNull(timing.json());
        timing.answer(1_004_000);
        timing.answer(2_000_000);
        timing.name(0);
        assertEquals("{\"dns\":0.000,\"wait\":3.004}", timing.json());
    }
}
