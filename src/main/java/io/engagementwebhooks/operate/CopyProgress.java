package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.transfer.Sizes;
import io.engagementwebhooks.store.transfer.StoreCopy;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Progress of a copy to PostgreSQL. Not thread-safe. */
final class CopyProgress implements StoreCopy.Progress {

    private final ProgressLines lines;
    private Step step;
    private long start;
    private long before;

    CopyProgress(ProgressLines lines) {
        this.lines = lines;
    }

    @Override
    public void rows(Step now, String table, long rows, long ofTable, long all, long total) {
        if (now != step) {
            step = now;
            start = lines.elapsed();
            // rows of an earlier run took no time in this one
            before = all;
        }
        lines.show(() -> {
            double seconds = (lines.elapsed() - start) / (double) TimeUnit.SECONDS.toNanos(1);
            double perSecond = seconds > 0 ? (all - before) / seconds : 0;
            return String.format(
                    Locale.ROOT,
                    "%s %s: %,d of %,d rows (%d %%), %,.0f rows/s%s",
                    step == Step.COPYING ? "copying" : "verifying",
                    table,
                    rows,
                    ofTable,
                    percent(rows, ofTable),
                    perSecond,
                    left(total - all, perSecond));
        });
    }

    private static long percent(long rows, long of) {
        return of == 0 ? 100 : rows * 100 / of;
    }

    private String left(long rows, double perSecond) {
        if (perSecond <= 0) {
            return "";
        }
        String time = Sizes.text(Duration.ofSeconds((long) (rows / perSecond)));
        return step == Step.COPYING ? "; all tables copied in about " + time : "; all tables verified in about " + time;
    }
}
