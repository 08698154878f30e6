package io.engagementwebhooks.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** W3C Trace Context. */
class TraceParentTest {

    private static final String SENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @Test
    void a_child_has_the_same_trace_and_a_new_id() {
        TraceParent sent = TraceParent.of(SENT).orElseThrow();
        assertEquals(SENT, sent.toString());
        List<Long> random = List.of(0L, 255L);
        AtomicInteger next = new AtomicInteger();
        TraceParent step = sent.child(() -> random.get(next.getAndIncrement()));
        assertEquals("00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000ff-01", step.toString());
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            })
    void an_invalid_header_is_ignored(String text) {
        assertEquals(Optional.empty(), TraceParent.of(text));
    }

    @Test
    void known_fields_of_a_later_version_are_read() {
        assertTrue(TraceParent.of("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")
                .isPresent());
    }
}
