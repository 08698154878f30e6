package io.engagementwebhooks.bench.kill;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** The account of kills as a page shows it, in Markdown. */
final class KillTable {

    static final String RANDOM = "a random moment";

    private KillTable() {}

    static String of(KillStore store, KillRun.Account account) {
        List<String> lines = new ArrayList<>();
        lines.add("| " + store.words() + ", all kills | |");
        lines.add("|---|---|");
        lines.add("| kills | " + account.kills().size() + " |");
        lines.add("| events acknowledged | " + account.acknowledged() + " |");
        lines.add("| deliveries owed for them | " + account.owed() + " |");
        lines.add("| **lost** | **" + account.lost() + "** |");
        lines.add("| repeated after a kill, with the same `webhook-id` | "
                + account.kills().stream().mapToInt(KillRun.Kill::repeated).sum() + " |");
        long limit = store.lease().plus(KillRun.MARGIN).toSeconds();
        lines.add("| kills after which a delivery waited for more than " + limit + " s from the first answer on (lease "
                + store.lease().toSeconds() + " s, margin " + KillRun.MARGIN.toSeconds() + " s) | "
                + account.kills().stream()
                        .filter(kill -> kill.waitedMs() > limit * 1000)
                        .count() + " |");
        lines.add("| faults in all | " + account.faults().size() + " |");
        lines.add("");
        lines.add("| " + store.words() + ", killed | kills | repeated, most after one kill | flowing again, median,"
                + " longest | nothing waits, median, longest | that from the first answer on |");
        lines.add("|---|---|---|---|---|---|");
        Arrays.stream(KillPoint.values()).forEach(point -> addLine(lines, account, point.words));
        addLine(lines, account, RANDOM);
        return String.join("\n", lines);
    }

    private static void addLine(List<String> lines, KillRun.Account account, String where) {
        List<KillRun.Kill> kills = account.kills().stream()
                .filter(kill -> kill.where().equals(where))
                .toList();
        if (!kills.isEmpty()) {
            lines.add("| " + where + " | " + kills.size() + " | "
                    + kills.stream().mapToInt(KillRun.Kill::repeated).max().orElseThrow() + " | "
                    + times(kills, KillRun.Kill::flowingMs) + " | " + times(kills, KillRun.Kill::settledMs) + " | "
                    + times(kills, KillRun.Kill::waitedMs) + " |");
        }
    }

    private static String times(List<KillRun.Kill> kills, ToLongFunction<KillRun.Kill> time) {
        long[] sorted = kills.stream().mapToLong(time).sorted().toArray();
        return seconds(sorted[sorted.length / 2]) + ", " + seconds(sorted[sorted.length - 1]);
    }

    private static String seconds(long ms) {
        return String.format(Locale.ROOT, "%.1f s", ms / 1000.0);
    }
}
