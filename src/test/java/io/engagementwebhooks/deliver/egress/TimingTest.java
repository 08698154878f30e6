package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.TestResolver;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** The duration of each part of a call. */
class TimingTest {

    /** The shortest reported duration, in milliseconds. */
    private static final Duration THOUSANDTH = Duration.ofNanos(1_000);

    private static OutgoingRequest request(URI url) {
        return new OutgoingRequest(
                "acme", url, "POST", new byte[] {'x'}, Instant.now().plusSeconds(30));
    }

    @Test
    void the_parts_of_a_call_are_reported_and_a_reused_connection_has_no_connect_time() throws IOException {
        EgressRules rules = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                EgressClient egress = new EgressClient(rules, "1", Clock.systemUTC(), TestResolver.OF_MACHINE)) {
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
    void without_a_connection_there_is_no_wait_time() throws IOException {
        EgressRules rules = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));
        try (EgressClient egress = new EgressClient(rules, "1", Clock.systemUTC(), TestResolver.OF_MACHINE)) {
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
        Timing.Call first = timing.call();
        first.took(Timing.Part.WAIT, 1_004_000);
        Timing.Call second = timing.call();
        second.took(Timing.Part.WAIT, 2_000_000);
        second.took(Timing.Part.DNS, 0);
        assertEquals("{\"dns\":0.000,\"wait\":3.004}", timing.json());
    }

    @Test
    void an_unfinished_part_counts_up_to_now_and_a_pending_connect_has_no_wait_time() {
        Timing timing = new Timing();
        Timing.Call call = timing.call();
        call.begin(Timing.Part.WAIT);
        assertTrue(timing.json().startsWith("{\"wait\":"), timing.json());
        call.begin(Timing.Part.CONNECT);
        Timing.Part before = call.begin(Timing.Part.DNS);
        assertTrue(timing.json().startsWith("{\"dns\":"), timing.json());
        assertFalse(timing.json().contains("wait"), timing.json());
        call.begin(before);
        call.begin(Timing.Part.WAIT);
        call.end();
        assertEquals(timing.json(), later(timing), "it is over");
    }

    /** The text after every running part has taken longer. */
    static String later(Timing timing) {
        long from = System.nanoTime();
        while (System.nanoTime() - from <= THOUSANDTH.toNanos()) {
            Thread.onSpinWait();
        }
        return timing.json();
    }

    @Test
    void the_call_of_a_batch_counts_for_each_delivery() {
        Timing one = new Timing();
        one.call().took(Timing.Part.WAIT, 1_000_000);
        Timing other = new Timing();
        Timing.of(List.of(one, other)).call().took(Timing.Part.WAIT, 2_000_000);

        assertEquals("{\"wait\":3.000}", one.json());
        assertEquals("{\"wait\":2.000}", other.json());
    }
}
