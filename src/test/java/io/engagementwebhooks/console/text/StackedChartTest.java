package io.engagementwebhooks.console.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.webhook.FiguresView;
import io.engagementwebhooks.console.OverviewPages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bar charts of overview and webhook. */
class StackedChartTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static StackedChart.Values values(long delivered, long retried, long failed) {
        return new StackedChart.Values(NOON, delivered, retried, failed);
    }

    @Test
    void parts_are_stacked_from_zero_and_proportional() {
        StackedChart chart = StackedChart.of(MINUTE, List.of(values(20, 10, 10), values(0, 0, 0)));
        assertEquals(List.of(0L, 10L, 20L, 30L, 40L), chart.ticks());
        assertEquals(
                List.of(
                        new StackedChart.Bar("delivered", "80.0", "80.0"),
                        new StackedChart.Bar("retried", "40.0", "40.0"),
                        new StackedChart.Bar("failed", "0.0", "40.0")),
                chart.columns().get(0).bars());
        assertEquals(List.of(), chart.columns().get(1).bars());
        assertEquals("80.0", chart.y(20));
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 3", "3, 3", "4, 4", "5, 5", "6, 6", "9, 10", "41, 50", "101, 150", "999, 1000", "3404, 4000"
    })
    void there_are_four_to_six_ticks_and_the_last_is_at_or_above_the_maximum(long most, long top) {
        StackedChart chart = StackedChart.of(MINUTE, List.of(values(most, 0, 0)));
        assertEquals(top, chart.ticks().get(chart.ticks().size() - 1));
        assertTrue(
                chart.ticks().size() >= 4 && chart.ticks().size() <= 6,
                chart.ticks().toString());
    }

    /** An earlier version drew events per second: 1 of 60 was a flat line. */
    @Test
    void one_delivery_in_an_hour_of_minutes_is_visible() {
        StackedChart chart = StackedChart.of(
                MINUTE,
                LongStream.range(0, 60)
                        .mapToObj(i -> values(i == 30 ? 1 : 0, 0, 0))
                        .toList());
        assertEquals("53.3", chart.columns().get(30).bars().get(0).height());
        assertEquals(List.of("60 min ago", "30 min ago", "now"), chart.labels());
    }

    @Test
    void one_among_many_has_a_height_too() {
        StackedChart chart = StackedChart.of(MINUTE, List.of(values(1, 0, 0), values(10_000, 0, 1)));
        assertEquals("2.0", chart.columns().get(0).bars().get(0).height());
        assertEquals(2, chart.columns().get(1).bars().size());
    }

    @Test
    void an_interval_without_activity_has_its_place() {
        FiguresView.Point point = new FiguresView.Point("2026-11-24T12:02:00Z", 3, 2, 1, 0, 0, 0.6, 7L, 9L);
        FiguresView figures = new FiguresView(
                "2026-11-24T12:00:00Z",
                "2026-11-24T12:04:00Z",
                1,
                null,
                point,
                List.of(point),
                List.of(),
                List.of(),
                List.of());
        StackedChart chart = OverviewPages.chart(figures);
        assertEquals(
                List.of(0L, 0L, 3L, 0L),
                chart.columns().stream().map(column -> column.values().sum()).toList());
        assertTrue(StackedChart.of(MINUTE, List.of(values(0, 0, 0))).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"0, 0 ms", "999, 999 ms", "1000, 1 s", "1240, 1.2 s", "15000, 15 s"})
    void times_are_in_milliseconds_or_seconds(long ms, String text) {
        assertEquals(text, NumberText.duration(ms));
    }

    @ParameterizedTest
    @CsvSource({"1, 100 %", "0.96, 96 %", "0.9999, 99.9 %", "0, 0 %", "0.29, 29 %"})
    void a_rate_is_a_hundred_only_if_all_succeeded(double rate, String text) {
        assertEquals(text, NumberText.percent(rate));
    }
}
