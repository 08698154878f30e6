package io.engagementwebhooks.ledger;

/**
 * The account has not so much memory left. It is no fault of a receiver and no attempt: a caller gets 503 with {@code
 * Retry-After}, a delivery is due again a little later. What needs more than any account may have will never fit.
 */
public final class BudgetExceededException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean isForGood;

    /** @param isForGood whether it is more than an account may have at all */
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

    /** Whether waiting is of no use. */
    public boolean isForGood() {
        return isForGood;
    }
}
