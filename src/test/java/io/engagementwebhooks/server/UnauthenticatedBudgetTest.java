package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.Ledger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnauthenticatedBudgetTest {

    private final Ledger ledger = new Ledger(16_000_000);
    private final UnauthenticatedBudget unauthenticated = new UnauthenticatedBudget(ledger);
    private final long limit = ledger.anonymous().limit();

    @Test
    void one_address_has_a_quarter_at_most() {
        RequestMemory first = unauthenticated.memory("198.51.100.1");
        RequestMemory second = unauthenticated.memory("198.51.100.1");

        assertTrue(first.tryGrow(limit / 4));
        assertFalse(second.tryGrow(1));
        assertTrue(unauthenticated.memory("198.51.100.2").tryGrow(1));

        first.close();
        assertTrue(second.tryGrow(limit / 4));
    }

    @Test
    void all_strangers_together_have_a_small_part_and_take_nothing_of_accounts() {
        List<RequestMemory> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(unauthenticated.memory("198.51.100." + i));
            assertTrue(all.get(i).tryGrow(limit / 4));
        }

        assertFalse(unauthenticated.memory("198.51.100.9").tryGrow(limit / 8));
        assertTrue(RequestMemory.of(ledger.of("acme")).tryGrow(ledger.memory() / 3));

        all.forEach(RequestMemory::close);
        assertTrue(unauthenticated.memory("198.51.100.9").tryGrow(limit / 8));
    }

    @Test
    void a_refusal_takes_nothing_and_an_address_that_holds_nothing_is_forgotten() {
        RequestMemory memory = unauthenticated.memory("198.51.100.1");
        assertFalse(memory.tryGrow(limit));
        assertEquals(0, unauthenticated.addresses());

        assertTrue(memory.tryGrow(100));
        memory.close();
        memory.close();

        assertEquals(0, unauthenticated.addresses());
        assertEquals(0, ledger.reserved());
    }

    @Test
    void what_is_closed_holds_nothing_whatever_comes_after() {
        RequestMemory memory = unauthenticated.memory("198.51.100.1");
        memory.close();

        memory.tryGrow(100);

        assertEquals(0, unauthenticated.addresses());
        assertEquals(0, ledger.reserved());
    }
}
