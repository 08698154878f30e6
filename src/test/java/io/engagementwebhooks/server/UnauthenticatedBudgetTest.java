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
    void all_unauthenticated_callers_share_a_small_budget() {
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
    void a_refusal_reserves_nothing_and_an_address_without_memory_is_dropped() {
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
    void closed_memory_stays_released() {
        RequestMemory memory = unauthenticated.memory("198.51.100.1");
        memory.close();

        memory.tryGrow(100);

        assertEquals(0, unauthenticated.addresses());
        assertEquals(0, ledger.reserved());
    }
}
