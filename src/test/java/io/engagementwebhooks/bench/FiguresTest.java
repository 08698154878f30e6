package io.engagementwebhooks.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the harness makes of what it sees. */
class FiguresTest {

    @TempDir
    Path folder;

    private final EventTimes events = new EventTimes(10, 1, id -> 0);

    private static Figure figure(double value, Bar bar) {
        return new Figure("start", "start to first 202", value, "s", bar, "median of 3");
    }

    @Test
    void a_bar_is_met_up_to_its_limit_and_missed_beyond_it() {
        assertEquals("met", figure(2, Bar.atMost(2)).verdict());
        assertEquals("missed", figure(2.01, Bar.atMost(2)).verdict());
        assertEquals("met", figure(0.7, Bar.atLeast(0.7)).verdict());
        assertEquals("missed", figure(0.69, Bar.atLeast(0.7)).verdict());
        assertEquals("not measured", figure(Double.NaN, Bar.atMost(2)).verdict());
    }

    @Test
    void a_time_counts_from_when_an_event_was_to_be_sent() {
        long due = TimeUnit.SECONDS.toNanos(5);
        int id = events.next(due);
        events.accepted(id, due + TimeUnit.MILLISECONDS.toNanos(40));
        long micros = events.untilAccepted(due, due + 1, any -> true).getMaxValue();
        assertEquals(40, micros / 1000);
    }

    @Test
    void a_missing_delivery_counts_as_the_longest_time_and_as_lost() {
        int id = events.next(1);
        events.accepted(id, 2);
        assertTrue(events.untilArrived(1, 2, any -> true).getMaxValue() >= EventTimes.LONGEST_MICROS);
        assertEquals(1, events.lost());
    }

    @Test
    void a_rejected_event_is_not_lost_and_a_repeated_one_is_doubled() {
        events.next(1);
        int twice = events.next(1);
        events.accepted(twice, 2);
        events.arrived(twice, 3);
        events.arrived(twice, 4);
        assertEquals(0, events.lost());
        assertEquals(1, events.doubled());
    }

    @Test
    void results_are_read_as_they_were_written() throws IOException {
        Results results = new Results(
                "2026-11-25T10:00:00Z",
                90,
                "bench/run.sh start",
                true,
                new Machine("cpu", 2, 24, "Linux", "JDK 17", "abc", 1.5),
                List.of(figure(1.5, Bar.atMost(2))),
                List.of(new Run("header", 1, 2, 3, 4, 5, 6, 7, 8, 9)),
                List.of(new Distribution("202", List.of(99.0), List.of(4.5))),
                List.of("header: 7 lost, 8 doubled"));
        Path file = folder.resolve("results/one.json");
        results.write(file);
        assertEquals(results, Results.read(file));
        assertTrue(results.markdown(true).contains("| start to first 202 (median of 3) | 1.50 s | ≤ 2.00 s | met |"));
    }
}
