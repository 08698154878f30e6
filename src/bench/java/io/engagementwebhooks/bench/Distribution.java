package io.engagementwebhooks.bench;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Percentiles of durations.
 *
 * @param name what
 * @param percentiles the percentiles
 * @param millis the duration at each percentile
 */
record Distribution(String name, List<Double> percentiles, List<Double> millis) {

    static final List<Double> PERCENTILES = List.of(0.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.99, 100.0);

    static Distribution of(String name, Histogram micros) {
        List<Double> millis = new ArrayList<>();
        PERCENTILES.forEach(percentile -> millis.add(micros.getValueAtPercentile(percentile) / 1000.0));
        return new Distribution(name, PERCENTILES, millis);
    }

    double at(double percentile) {
        return millis.get(percentiles.indexOf(percentile));
    }
}
