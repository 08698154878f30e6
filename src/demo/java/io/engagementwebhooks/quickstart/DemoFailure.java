package io.engagementwebhooks.quickstart;

/** The demonstration cannot go on; the message is for the person who started it. */
final class DemoFailure extends Exception {

    private static final long serialVersionUID = 1;

    DemoFailure(String message) {
        super(message);
    }
}
