package io.engagementwebhooks.ledger;

/** The subject of an evaluation is quarantined after two crashes. The message is for the customer. */
public final class QuarantinedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    QuarantinedException() {
        super("set aside: two crashes", null, false, false);
    }
}
