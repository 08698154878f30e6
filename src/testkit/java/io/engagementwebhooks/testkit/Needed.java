package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a test needs and not every machine has. Without it the test is left out, or fails where {@code EVERY_TEST_RUNS} is set. */
public final class Needed {

    private Needed() {}

    /** @param lack what is missing if it is not there */
    public static void needed(boolean isThere, String lack) {
        if (System.getenv("EVERY_TEST_RUNS") == null) {
            assumeTrue(isThere, lack);
        } else {
            assertTrue(isThere, lack);
        }
    }
}
