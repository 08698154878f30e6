package io.engagementwebhooks.console.text;

import io.engagementwebhooks.store.query.Backlogs;
import java.util.Locale;

/** Numbers of statistics in words. */
public final class NumberText {

    private static final int MS_PER_SECOND = 1_000;

    private NumberText() {}

    /** Such as 1,008. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Such as 1,008 pending deliveries of a webhook, or 10,000+. */
    public static String pending(long count) {
        return count(count, Backlogs.MAX_PENDING);
    }

    /** As above. @param most limit of the count: at the limit there may be more */
    public static String count(long count, long most) {
        return count(count) + (count >= most ? "+" : "");
    }

    /** Rounded down, so that 100 % means all. @param rate from 0 to 1, or null: there is none */
    public static String percent(Double rate) {
        if (rate == null) {
            return "–";
        }
        double percent = Math.floor(rate * 1_000 + 1e-9) / 10;
        return percent == Math.rint(percent) ? (long) percent + " %" : String.format(Locale.ROOT, "%.1f %%", percent);
    }

    /** A duration that a histogram knows up to the end of a class, such as ≤ 9 ms. @param ms or null: there is none */
    public static String atMost(Long ms) {
        return (ms == null ? "" : "≤ ") + duration(ms);
    }

    /** Such as 812 ms or 1.2 s. @param ms or null: there is none */
    public static String duration(Long ms) {
        if (ms == null) {
            return "–";
        }
        if (ms < MS_PER_SECOND) {
            return ms + " ms";
        }
        double seconds = Math.round(ms / 100.0) / 10.0;
        return seconds == Math.rint(seconds) ? (long) seconds + " s" : String.format(Locale.ROOT, "%.1f s", seconds);
    }
}
