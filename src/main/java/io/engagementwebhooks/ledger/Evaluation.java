package io.engagementwebhooks.ledger;

/**
 * Memory of one evaluation of customers' code (a condition, a program, a template) on this thread. What it makes is
 * reserved in steps before it is made: {@link #use} draws on the evaluation that runs on its thread.
 *
 * <p>Evaluations may be nested; the inner one counts for itself. Not thread-safe: it belongs to its thread.
 */
public final class Evaluation implements AutoCloseable {

    /** What every evaluation may use without asking. */
    private static final long FREE = 16 << 10;

    /** So much is reserved at a time. */
    private static final long STEP = 256 << 10;

    private static final ThreadLocal<Evaluation> CURRENT = new ThreadLocal<>();

    private final AccountLedger account;
    private final Evaluation outer;
    private Reservation reservation;
    private long left = FREE;

    private Evaluation(AccountLedger account, Evaluation outer) {
        this.account = account;
        this.outer = outer;
    }

    /** Begins one; to be closed on the same thread. */
    public static Evaluation begin(AccountLedger account) {
        Evaluation evaluation = new Evaluation(account, CURRENT.get());
        CURRENT.set(evaluation);
        return evaluation;
    }

    /**
     * Says that memory is about to be used. Without an evaluation on this thread nothing is counted.
     *
     * @throws BudgetExceededException if the account has no more at the moment
     */
    public static void use(long bytes) {
        Evaluation current = CURRENT.get();
        if (current != null) {
            current.draw(bytes);
        }
    }

    private void draw(long bytes) {
        left -= bytes;
        if (left >= 0) {
            return;
        }
        long more = (-left + STEP - 1) / STEP * STEP;
        try {
            if (reservation == null) {
                reservation = account.reserve(more);
            } else {
                reservation.grow(more);
            }
        } catch (BudgetExceededException e) {
            left += bytes;
            throw e;
        }
        left += more;
    }

    /** Gives back what it reserved. */
    @Override
    public void close() {
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
        if (reservation != null) {
            reservation.close();
        }
    }
}
