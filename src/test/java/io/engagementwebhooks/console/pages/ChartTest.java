package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the lines of the overview show, and what they leave out. */
class ChartTest {

    private static final double NONE = Double.NaN;

    /** At 12:04:xx, over the minutes from 12:00. */
    private static final JsonNode BY_MINUTE = figures(
            "12:05",
            1,
            """
            {"at": "2026-11-24T12:00:00Z", "events": 60, "tryLater": 30, "gaveUp": 30, "p50": 7, "p99": 9},
            {"at": "2026-11-24T12:01:00Z", "events": 120, "tryLater": 0, "gaveUp": 0, "p50": null, "p99": null},
            {"at": "2026-11-24T12:03:00Z", "events": 180, "tryLater": 60, "gaveUp": 0, "p50": 5, "p99": 5},
            {"at": "2026-11-24T12:04:00Z", "events": 1, "tryLater": 0, "gaveUp": 0, "p50": 1, "p99": 1}""");

    private static JsonNode figures(String to, int stepMinutes, String points) {
        try {
            return new JsonMapper()
                    .readTree(
                            """
                            {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T%s:00Z", "stepMinutes": %d, "points": [%s]}"""
                                    .formatted(to, stepMinutes, points));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void the_minute_under_way_is_left_out_and_one_in_which_nothing_happened_counts_nothing() {
        assertArrayEquals(new double[] {1, 2, 0, 3}, OverviewPages.counts(BY_MINUTE, "events"));
        assertArrayEquals(new double[] {1, 0, 0, 1}, OverviewPages.counts(BY_MINUTE, "tryLater", "gaveUp"));
    }

    @Test
    void a_step_of_several_minutes_is_left_out_until_its_last_minute_is_over() {
        String points =
                """
                {"at": "2026-11-24T12:00:00Z", "events": 300}, {"at": "2026-11-24T12:05:00Z", "events": 300}""";
        assertEquals(1, OverviewPages.counts(figures("12:08", 5, points), "events").length);
        assertEquals(1, OverviewPages.counts(figures("12:10", 5, points), "events").length);
        assertEquals(2, OverviewPages.counts(figures("12:11", 5, points), "events").length);
    }

    @Test
    void where_nothing_was_tried_there_is_no_time() {
        assertArrayEquals(new double[] {7, NONE, NONE, 5}, OverviewPages.times(BY_MINUTE, "p50"));
    }

    @Test
    void a_line_breaks_where_there_is_no_value_and_one_value_alone_is_a_dot() {
        Chart chart = Chart.of(" ms", new double[] {10, 5, NONE, NONE, 10, NONE, 0});
        assertEquals(
                List.of(List.of("0.0,0.0 70.0,65.0", "280.0,0.0 280.0,0.0", "420.0,130.0 420.0,130.0")), chart.lines());
        assertEquals("0.0,130 0.0,0.0 70.0,65.0 70.0,130", chart.areas().get(0));
    }

    @Test
    void a_chart_of_nothing_has_no_lines() {
        Chart chart = Chart.of(" ms", new double[] {NONE, NONE}, new double[0]);
        assertEquals(List.of(List.of(), List.of()), chart.lines());
        assertEquals(List.of(), chart.areas());
        assertEquals("1 ms", chart.label(1));
    }
}
