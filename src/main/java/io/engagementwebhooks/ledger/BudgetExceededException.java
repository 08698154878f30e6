package io.engagementwebhooks.ledger;

/**
 * The account has no memory left at the moment. It is no fault of a receiver and no attempt: a caller gets 503 with {@code
 * Retry-After}, a delivery is due again a little later.
 */
public final class BudgetExceededException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BudgetExceededException() {
        super("the account has used up its share of memory for the moment", null, false, false);
    }
}
