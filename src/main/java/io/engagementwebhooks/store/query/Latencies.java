package io.engagementwebhooks.store.query;

/** A latency histogram with buckets that grow by about a half: enough for a median and a 99th percentile. */
public final class Latencies {

    /** Upper bounds of the buckets in milliseconds; the last bucket has none. */
    private static final long[] LIMITS = {
        1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000
    };

    /** The number of buckets. */
    public static final int BUCKETS = LIMITS.length + 1;

    private final long[] counts = new long[BUCKETS];

    /** The bucket of a latency. */
    public static int bucketOf(long ms) {
        for (int i = 0; i < LIMITS.length; i++) {
            if (ms <= LIMITS[i]) {
                return i;
            }
        }
        return LIMITS.length;
    }

    public void add(int latencyClass, long attempts) {
        counts[latencyClass] += attempts;
    }

    public void add(Latencies other) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += other.counts[i];
        }
    }

    /** An upper bound of a percentile in milliseconds; -1: there are no attempts. */
    public long percentile(double share) {
        long all = 0;
        for (long count : counts) {
            all += count;
        }
        long rank = (long) Math.ceil(all * share);
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts[i];
            if (seen >= rank && all > 0) {
                return i < LIMITS.length ? LIMITS[i] : 2 * LIMITS[LIMITS.length - 1];
            }
        }
        return -1;
    }
}
