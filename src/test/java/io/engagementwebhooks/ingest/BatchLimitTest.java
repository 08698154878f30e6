package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.testkit.SampleIntake;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many deliveries the events of one request may have (semantics 40). */
class BatchLimitTest {

    private static Problem refused(int most, int events, int each) {
        BatchLimit.Count count = new BatchLimit(most).count(events);
        return assertThrows(ProblemException.class, () -> {
                    for (int i = 0; i < events; i++) {
                        count.add(each);
                    }
                })
                .problem();
    }

    @Test
    void a_batch_with_too_many_deliveries_is_refused_with_the_index_of_the_event() {
        Problem problem = refused(10_000, 4_400, 1_000);
        assertEquals(413, problem.status());
        assertEquals("too-many-deliveries", problem.code());
        assertEquals(10, problem.index());
        assertEquals(
                "The first 11 events of the batch of 4400 have 11000 deliveries, and a batch may have 10000"
                        + " (webhooks.ingest.max-deliveries): send at most 10 events together.",
                problem.detail());
    }

    @Test
    void a_batch_whose_first_event_has_too_many_alone_is_to_be_sent_event_by_event() {
        assertEquals(
                "The first event of the batch of 2 has 10001 deliveries, and a batch may have 10000"
                        + " (webhooks.ingest.max-deliveries): send each event alone.",
                refused(10_000, 2, 10_001).detail());
    }

    @Test
    void a_single_event_may_have_any_number_and_a_batch_up_to_the_limit() {
        assertDoesNotThrow(() -> new BatchLimit(10_000).count(1).add(1_000_000));
        BatchLimit.Count count = new BatchLimit(10).count(2);
        count.add(5);
        assertDoesNotThrow(() -> count.add(5));
    }

    @Test
    void events_of_kafka_are_sliced_instead() {
        List<Event> events = IntStream.range(0, 5)
                .mapToObj(i -> SampleIntake.event("e" + i).intake().event())
                .toList();
        List<Integer> webhooks = List.of(4, 6, 1, 30, 2);
        List<List<Event>> slices = new BatchLimit(10).slices(events, event -> webhooks.get(events.indexOf(event)));
        assertEquals(
                List.of(List.of("e0", "e1"), List.of("e2"), List.of("e3"), List.of("e4")),
                slices.stream()
                        .map(slice -> slice.stream().map(Event::id).toList())
                        .toList());
        List<Event> ofTwo = List.of(
                events.get(0),
                SampleIntake.event("g1").of("globex").intake().event(),
                SampleIntake.event("g2").of("globex").intake().event());
        assertEquals(
                List.of(List.of("e0"), List.of("g1", "g2")),
                new BatchLimit(10)
                        .slices(ofTwo, event -> 1).stream()
                                .map(slice -> slice.stream().map(Event::id).toList())
                                .toList());
        assertEquals(List.of(List.of()), new BatchLimit(10).slices(List.of(), event -> 1));
    }
}
