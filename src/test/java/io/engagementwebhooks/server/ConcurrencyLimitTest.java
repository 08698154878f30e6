package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConcurrencyLimitTest {

    private final ConcurrencyLimit concurrencyLimit = new ConcurrencyLimit(2, "too-many", "others count");

    @Test
    void a_call_above_the_limit_is_refused_until_another_ends() {
        String answer = concurrencyLimit.run(() -> concurrencyLimit.run(() -> {
            ProblemException refused = assertThrows(ProblemException.class, () -> concurrencyLimit.run(() -> "never"));
            assertEquals(429, refused.problem().status());
            assertEquals(
                    "others count; try again in a few seconds",
                    refused.problem().detail());
            return "inner";
        }));
        assertEquals("inner", answer);
        assertThrows(
                IllegalStateException.class,
                () -> concurrencyLimit.run(() -> {
                    throw new IllegalStateException("it fails, and gives its place back");
                }));
        assertEquals("both", concurrencyLimit.run(() -> concurrencyLimit.run(() -> "both")));
    }

    @Test
    void one_account_leaves_room_for_others() {
        ConcurrencyLimit tests = new ConcurrencyLimit(4, "too-many", "others count");
        ConcurrencyLimit.Slot first = tests.acquire("acme");
        tests.acquire("acme");
        assertThrows(ProblemException.class, () -> tests.acquire("acme"));
        first.close();
        first.close();
        tests.acquire("acme");
        assertThrows(ProblemException.class, () -> tests.acquire("acme"), "closed twice, it was given back once");
        tests.acquire("beta");
        assertThrows(ProblemException.class, () -> tests.acquire("beta"), "the last one is for another account");
        tests.acquire("gamma");
        assertThrows(ProblemException.class, () -> tests.acquire("delta"), "there are four in all");
    }

    @Test
    void accounts_at_their_share_leave_a_slot_to_the_next_account() {
        ConcurrencyLimit requests = ConcurrencyLimit.ofRequests(32);
        for (String account : List.of("a", "b", "c")) {
            takeAll(requests, account);
        }
        requests.acquire("d");
    }

    private static int takeAll(ConcurrencyLimit requests, String account) {
        for (int taken = 0; ; taken++) {
            try {
                requests.acquire(account);
            } catch (ProblemException full) {
                return taken;
            }
        }
    }

    @Test
    void half_of_the_slots_are_free_for_all_up_to_a_limit() {
        assertEquals(8, takeAll(ConcurrencyLimit.ofRequests(32), "a"));
    }
}
