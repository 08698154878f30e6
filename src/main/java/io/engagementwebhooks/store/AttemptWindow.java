package io.engagementwebhooks.store;

/**
 * Which of a webhook's last {@value #SIZE} attempts failed. Immutable.
 *
 * @param bits a one, then a bit for each attempt that is known, the newest last; 1: it failed
 */
public record AttemptWindow(int bits) {

    /** How many attempts are remembered. */
    public static final int SIZE = 20;

    /** So many failures in a row make a webhook failing, so many successes in a row end that. */
    public static final int IN_A_ROW = 5;

    private static final int FULL = 1 << SIZE;
    private static final int DEGRADED_BELOW_PERCENT = 95;

    /** No attempt is known. */
    public static final AttemptWindow EMPTY = new AttemptWindow(1);

    /** Twenty successes. */
    public static final AttemptWindow CLEAN = new AttemptWindow(FULL);

    public AttemptWindow {
        if (bits < 1 || bits >= FULL << 1) {
            throw new IllegalArgumentException("no window of attempts: " + bits);
        }
    }

    /** The same after another attempt. */
    public AttemptWindow after(boolean failed) {
        int next = bits << 1 | (failed ? 1 : 0);
        return new AttemptWindow(size() == SIZE ? next & (FULL - 1) | FULL : next);
    }

    /** How many attempts are known. */
    public int size() {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bits);
    }

    /** How many of them failed. */
    public int failures() {
        return Integer.bitCount(bits) - 1;
    }

    /** How many failed since the last success. */
    public int failuresInARow() {
        return Integer.numberOfTrailingZeros(~(bits ^ Integer.highestOneBit(bits)));
    }

    /** How many succeeded since the last failure. */
    public int successesInARow() {
        return Integer.numberOfTrailingZeros(bits);
    }

    /** Whether fewer than 95 % of them succeeded. */
    public boolean isDegraded() {
        return (size() - failures()) * 100 < DEGRADED_BELOW_PERCENT * size();
    }

    /** Whether all {@value #SIZE} failed. */
    public boolean isWithoutSuccess() {
        return failures() == SIZE;
    }
}
