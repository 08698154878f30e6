package io.engagementwebhooks.bench;

import java.util.ArrayList;
import java.util.List;

/** The results of a run so far. */
final class Report {

    private final List<Figure> figures = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private final List<Distribution> distributions = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    void add(Figure figure) {
        figures.add(figure);
        System.out.printf("  %s: %s %s %s%n", figure.what(), figure.valueText(), figure.barText(), figure.verdict());
    }

    /** Every id is accounted for, or it is a fault. */
    void add(Run run) {
        runs.add(run);
        check(run.name(), run.lost(), run.doubled());
    }

    void add(Distribution distribution) {
        distributions.add(distribution);
    }

    void check(String name, long lost, long doubled) {
        if (lost > 0 || doubled > 0) {
            fault(name + ": " + lost + " lost, " + doubled + " doubled");
        }
    }

    void fault(String text) {
        faults.add(text);
        System.out.println("  FAULT " + text);
    }

    List<Figure> figures() {
        return figures;
    }

    List<Run> runs() {
        return runs;
    }

    List<Distribution> distributions() {
        return distributions;
    }

    List<String> faults() {
        return faults;
    }
}
