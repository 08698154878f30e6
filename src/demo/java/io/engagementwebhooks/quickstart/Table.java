package io.engagementwebhooks.quickstart;

import java.io.PrintStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shows deliveries: on a terminal the table is drawn again in place, elsewhere a row is printed once, when it has ended.
 * For one thread.
 */
final class Table {

    private static final String FORMAT = "  %-14s %-18s %-14s %-10s %6s %8s %7s";
    private static final String HEAD =
            String.format(FORMAT, "event", "webhook", "authentication", "outcome", "status", "attempts", "ms");
    private static final String GREEN = "\u001b[32m";
    private static final String YELLOW = "\u001b[33m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";
    /** Lines too long are cut by the terminal, so that a row stays one line. */
    private static final String NO_WRAP = "\u001b[?7l";

    private static final String WRAP = "\u001b[?7h";
    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintStream out;
    private final boolean terminal;
    private final boolean colours;
    private final Set<String> printed = new HashSet<>();
    private List<Row> rows = List.of();
    private int drawn;
    private boolean headed;

    Table(PrintStream out, boolean terminal, boolean colours) {
        this.out = out;
        this.terminal = terminal;
        this.colours = terminal && colours;
    }

    /** Prints a line that stays, above the table. */
    void note(String line) {
        erase();
        out.println(line);
        draw();
    }

    /** Shows how the deliveries stand. */
    void show(List<Row> now) {
        if (terminal) {
            if (!now.equals(rows)) {
                erase();
                rows = List.copyOf(now);
                draw();
            }
        } else {
            now.forEach(this::printEnded);
        }
    }

    /** The table stays as it is; what ends from now on is printed below. */
    void leave() {
        rows.stream().filter(Row::hasEnded).map(Table::key).forEach(printed::add);
        rows = List.of();
        drawn = 0;
    }

    /** Prints what has ended since; for when the table is left. */
    void printEnded(Row row) {
        if (!row.hasEnded() || !printed.add(key(row))) {
            return;
        }
        if (!headed) {
            out.println(HEAD);
            headed = true;
        }
        out.println(line(row));
    }

    private static String key(Row row) {
        return row.id() + " " + row.attempts();
    }

    private void erase() {
        if (drawn > 0) {
            out.print("\u001b[" + drawn + "A\r" + ERASE_BELOW);
            drawn = 0;
        }
    }

    private void draw() {
        if (!terminal || rows.isEmpty()) {
            out.flush();
            return;
        }
        StringBuilder text = new StringBuilder(NO_WRAP).append(HEAD).append('\n');
        rows.forEach(row -> text.append(line(row)).append('\n'));
        out.print(text.append(WRAP));
        out.flush();
        headed = true;
        drawn = rows.size() + 1;
    }

    private String line(Row row) {
        String line = String.format(
                FORMAT,
                row.event(),
                row.webhook(),
                row.authentication(),
                row.shownOutcome(),
                row.status(),
                row.attempts(),
                row.ms());
        return colours ? colour(row) + line + PLAIN : line;
    }

    private static String colour(Row row) {
        return switch (row.shownOutcome()) {
            case Row.DELIVERED -> GREEN;
            case "gave-up" -> RED;
            case "try-later" -> YELLOW;
            default -> "";
        };
    }
}
