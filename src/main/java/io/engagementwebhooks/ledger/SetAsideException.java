package io.engagementwebhooks.ledger;

/** What is to be evaluated was being evaluated at two unclean ends of the process. The message is for the customer. */
public final class SetAsideException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SetAsideException() {
        super("set aside: two crashes", null, false, false);
    }
}
