package io.engagementwebhooks.ledger;

/**
 * The memory of one evaluation of customers' code (a condition, a program, a template) on this thread. It is reserved
 * in steps, before allocations: {@link #use} counts for the evaluation of its thread.
 *
 * <p>Evaluations may be nested; each counts separately. Not thread-safe: it belongs to its thread.
 */
public final class Evaluation implements AutoCloseable {

    /** Bytes that an evaluation may use without a reservation. */
    private static final long FREE_BYTES = 16 << 10;

    /** Bytes per reservation. */
    private static final long STEP_BYTES = 256 << 10;

    private static final ThreadLocal<Evaluation> CURRENT = new ThreadLocal<>();

    private final AccountLedger account;
    private final String subject;
    private final int slot;
    private final Evaluation outer;
    private Reservation reservation;
    private long left = FREE_BYTES;
    private boolean refused;
    private boolean isProgram;

    private Evaluation(AccountLedger account, String subject, Evaluation outer) {
        this.account = account;
        this.subject = subject;
        this.outer = outer;
        this.slot = subject == null ? 0 : account.crashes().begin(subject);
    }

    /** Begins an evaluation, to be closed on the same thread. */
    public static Evaluation begin(AccountLedger account) {
        return begin(account, null);
    }

    /**
     * Begins an evaluation that would be repeated after a crash, such as one for a stored delivery.
     *
     * @param subject its name in the {@link CrashJournal}, which keeps the last 126 characters; null: none
     * @throws QuarantinedException if its evaluation crashed twice
     */
    public static Evaluation begin(AccountLedger account, String subject) {
        Evaluation evaluation = new Evaluation(account, subject, CURRENT.get());
        CURRENT.set(evaluation);
        return evaluation;
    }

    /**
     * Begins a jq program within the evaluation on this thread; its memory is released before that one ends. Waits for
     * a permit of the account for some milliseconds at most.
     *
     * @return null: no evaluation is running
     */
    public static Evaluation ofProgram() {
        Evaluation current = CURRENT.get();
        if (current == null) {
            return null;
        }
        current.account.programPermits().acquireUninterruptibly();
        Evaluation program = begin(current.account);
        program.isProgram = true;
        return program;
    }

    /**
     * Counts memory before an allocation. Does nothing without an evaluation on this thread.
     *
     * @throws BudgetExceededException if the account has no memory left now
     */
    public static void use(long bytes) {
        Evaluation current = CURRENT.get();
        if (current != null) {
            current.reserve(bytes);
        }
    }

    private void reserve(long bytes) {
        left -= bytes;
        if (left >= 0) {
            return;
        }
        long more = (-left + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
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
            account.programPermits().release();
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
            account.crashes().end(slot, subject, !refused);
        }
    }
}
