package io.engagementwebhooks.ledger;

/**
 * Memory of one evaluation of customers' code (a condition, a program, a template) on this thread. It reserves
 * memory in steps, before an allocation: {@link #use} draws on the evaluation of its thread.
 *
 * <p>Evaluations may be nested; each counts separately. Not thread-safe: it belongs to its thread.
 */
public final class Evaluation implements AutoCloseable {

    /** What every evaluation may use without asking. */
    private static final long FREE = 16 << 10;

    /** So much is reserved at a time. */
    private static final long STEP = 256 << 10;

    private static final ThreadLocal<Evaluation> CURRENT = new ThreadLocal<>();

    private final AccountLedger account;
    private final String subject;
    private final int slot;
    private final Evaluation outer;
    private Reservation reservation;
    private long left = FREE;
    private boolean refused;
    private boolean isProgram;

    private Evaluation(AccountLedger account, String subject, Evaluation outer) {
        this.account = account;
        this.subject = subject;
        this.outer = outer;
        this.slot = subject == null ? 0 : account.crashes().begun(subject);
    }

    /** Begins one; to be closed on the same thread. */
    public static Evaluation begin(AccountLedger account) {
        return begin(account, null);
    }

    /**
     * As {@link #begin(AccountLedger)}, of something that is evaluated again after a crash, such as a stored delivery.
     *
     * @param subject its name, which the {@link CrashJournal} knows it by, up to its last 126 characters; null: it has none
     * @throws SetAsideException if it was being evaluated at two unclean ends
     */
    public static Evaluation begin(AccountLedger account, String subject) {
        Evaluation evaluation = new Evaluation(account, subject, CURRENT.get());
        CURRENT.set(evaluation);
        return evaluation;
    }

    /**
     * Begins the run of a program within the evaluation on this thread; its memory is free again before that one ends. Of one
     * account as many run at a time as half of the processors: it waits for its turn, some milliseconds at most.
     *
     * @return null: no evaluation runs
     */
    public static Evaluation ofProgram() {
        Evaluation current = CURRENT.get();
        if (current == null) {
            return null;
        }
        current.account.programs().acquireUninterruptibly();
        Evaluation program = begin(current.account);
        program.isProgram = true;
        return program;
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
            for (Evaluation refusing = this; refusing != null; refusing = refusing.outer) {
                refusing.refused = true;
            }
            throw e;
        }
        left += more;
    }

    /** Releases its reservation. */
    @Override
    public void close() {
        if (isProgram) {
            account.programs().release();
        }
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
        if (reservation != null) {
            reservation.close();
        }
        if (subject != null) {
            account.crashes().ended(slot, subject, !refused);
        }
    }
}
