package io.engagementwebhooks.api.inbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.testkit.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The limits of test inboxes. */
class InboxesTest {

    private static final Instant START = Instant.parse("2026-11-24T09:31:07Z");

    private final SettableClock clock = new SettableClock(START);
    private final Inboxes inboxes = new Inboxes(clock);

    private void receive(Inboxes into, String account, String id, int times, int bytes) {
        for (int i = 0; i < times; i++) {
            clock.pass(Duration.ofSeconds(1));
            into.received(
                    account, id, new ReceivedRequest(clock.instant(), "POST", "/" + i, Map.of(), new byte[bytes]));
        }
    }

    @Test
    void an_inbox_keeps_its_last_50_requests_newest_first() {
        receive(inboxes, "acme", "a", 60, 1);
        List<ReceivedRequest> kept = inboxes.of("acme", "a").requests();
        assertEquals(50, kept.size());
        assertEquals("/59", kept.get(0).target());
        assertEquals("/10", kept.get(49).target());
    }

    @Test
    void a_request_is_kept_for_24_hours_and_an_unused_inbox_too() {
        receive(inboxes, "acme", "a", 1, 1);
        clock.pass(Duration.ofHours(23));
        receive(inboxes, "acme", "a", 1, 1);
        assertEquals(2, inboxes.of("acme", "a").requests().size());
        clock.pass(Duration.ofHours(2));
        assertEquals(1, inboxes.of("acme", "a").requests().size());
        clock.pass(Duration.ofHours(23));
        assertEquals(List.of(), inboxes.all("acme"));
    }

    @Test
    void an_account_has_20_requests_in_a_second_and_others_have_theirs() {
        ReceivedRequest request = new ReceivedRequest(START, "POST", "/", Map.of(), new byte[0]);
        for (int i = 0; i < 20; i++) {
            inboxes.received("acme", "a" + i, request);
        }
        ProblemException refused = assertThrows(ProblemException.class, () -> inboxes.received("acme", "b", request));
        assertEquals(429, refused.problem().status());
        inboxes.received("other", "a", request);
        clock.pass(Duration.ofSeconds(1));
        inboxes.received("acme", "b", request);
    }

    @Test
    void an_account_has_100_inboxes_and_the_one_unused_for_longest_goes() {
        for (int i = 0; i < 101; i++) {
            inboxes.change("acme", "a" + i, inbox -> inbox);
        }
        assertEquals(100, inboxes.all("acme").size());
        assertEquals("a1", inboxes.all("acme").get(0).id());
    }

    @Test
    void memory_that_one_account_fills_is_given_up_for_others_and_is_never_exceeded() {
        SharedBudget memory = new SharedBudget(100_000, 80_000);
        Inboxes few = new Inboxes(clock, memory);
        receive(few, "greedy", "a", 40, 9_000);
        assertTrue(memory.used() <= 100_000);
        receive(few, "other", "b", 4, 9_000);
        assertEquals(4, few.of("other", "b").requests().size());
        assertTrue(memory.used() <= 100_000);
        few.clear("greedy", "a");
        few.clear("other", "b");
        assertEquals(0, memory.used());
    }
}
