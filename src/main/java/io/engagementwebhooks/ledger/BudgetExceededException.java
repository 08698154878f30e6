package io.engagementwebhooks.ledger;

/**
 * The account has no memory left for a task. This is neither a failure of a receiver nor an attempt: a caller gets 503
 * with {@code Retry-After}, and a delivery is due again soon. A task above the limit of any account never fits.
 */
public final class BudgetExceededException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean isForGood;

    /** @param isForGood whether it exceeds the limit of an account */
    public BudgetExceededException(boolean isForGood) {
        super(
                isForGood
                        ? "it needs more memory than an account may have"
                        : "the account has used up its share of memory for the moment",
                null,
                false,
                false);
        this.isForGood = isForGood;
    }

    /** Whether a retry cannot succeed. */
    public boolean isForGood() {
        return isForGood;
    }
}
