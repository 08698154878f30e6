package io.engagementwebhooks.store.outcome;

/**
 * Success and failure of a webhook's last {@value #SIZE} attempts. Immutable.
 *
 * @param bits a leading one, then a bit per known attempt, the newest last; 1: failed
 */
public record AttemptWindow(int bits) {

    /** The most attempts in the window. */
    public static final int SIZE = 20;

    /** This many failures in a row make a webhook failing; it recovers after as many successes in a row. */
    public static final int IN_A_ROW = 5;

    private static final int FULL = 1 << SIZE;
    private static final int DEGRADED_BELOW_PERCENT = 95;

    /** No attempt is known. */
    public static final AttemptWindow EMPTY = new AttemptWindow(1);

    /** Twenty successes. */
    public static final AttemptWindow CLEAN = new AttemptWindow(FULL);

    public AttemptWindow {
        if (bits < 1 || bits >= FULL << 1) {
            throw new IllegalArgumentException("not an attempt window: " + bits);
        }
    }

    /** The window after another attempt. */
    public AttemptWindow after(boolean failed) {
        int next = bits << 1 | (failed ? 1 : 0);
        return new AttemptWindow(size() == SIZE ? next & (FULL - 1) | FULL : next);
    }

    /** The window without the last failure and all before it. */
    public AttemptWindow sinceLastFailure() {
        return new AttemptWindow(1 << successesInARow());
    }

    /** The number of known attempts. */
    public int size() {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bits);
    }

    public int failures() {
        return Integer.bitCount(bits) - 1;
    }

    public int failuresInARow() {
        return Integer.numberOfTrailingZeros(~(bits ^ Integer.highestOneBit(bits)));
    }

    public int successesInARow() {
        return Integer.numberOfTrailingZeros(bits);
    }

    /** Whether fewer than 95 % of the attempts succeeded. */
    public boolean isDegraded() {
        return (size() - failures()) * 100 < DEGRADED_BELOW_PERCENT * size();
    }

    /** Whether all of the last {@value #SIZE} attempts failed. */
    public boolean isWithoutSuccess() {
        return failures() == SIZE;
    }
}
