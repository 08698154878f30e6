package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Requirements of tests that not every machine meets. Without one the test is skipped, or fails if
 * {@code EVERY_TEST_RUNS} is set.
 */
public final class Needed {

    private Needed() {}

    /** @param lack the text of the missing requirement */
    public static void needed(boolean isThere, String lack) {
        if (System.getenv("EVERY_TEST_RUNS") == null) {
            assumeTrue(isThere, lack);
        } else {
            assertTrue(isThere, lack);
        }
    }
}
