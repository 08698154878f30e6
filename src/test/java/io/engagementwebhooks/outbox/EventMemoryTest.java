package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which accounts have space for another event in memory. */
class EventMemoryTest {

    private final EventMemory memory = new EventMemory(100, 20);

    @Test
    void an_account_alone_fills_the_memory_and_another_one_still_has_room_for_its_first() {
        memory.add("acme", 99);
        assertTrue(memory.hasSpace("acme"));
        memory.add("acme", 10);
        assertFalse(memory.hasSpace("acme"));
        assertTrue(memory.isFull());
        assertTrue(memory.hasSpace("globex"));
    }

    @Test
    void the_more_memory_an_account_uses_the_fewer_deliveries_it_reads() {
        assertEquals(64, memory.readLimit("acme", 64));
        memory.add("acme", 40);
        assertEquals(38, memory.readLimit("acme", 64));
        memory.add("globex", 20);
        assertEquals(6, memory.readLimit("acme", 64));
        assertEquals(19, memory.readLimit("globex", 64));
        memory.add("acme", 40);
        assertEquals(1, memory.readLimit("acme", 64));
    }

    @Test
    void above_half_of_the_memory_each_account_has_its_share() {
        memory.add("globex", 10);
        memory.add("acme", 45);
        assertTrue(memory.hasSpace("acme"));
        memory.add("acme", 5);
        assertFalse(memory.hasSpace("acme"));
        assertTrue(memory.hasSpace("globex"));
        memory.add("globex", -10);
        assertTrue(memory.hasSpace("acme"), "it holds all that is held");
    }

    @Test
    void an_account_below_its_share_may_have_more_ready_although_the_limit_is_reached() {
        memory.addReady("acme", 15);
        assertEquals(5, memory.readyCapacity("acme"));
        memory.addReady("acme", 5);
        assertEquals(0, memory.readyCapacity("acme"));
        memory.addReady("globex", 1);
        assertEquals(9, memory.readyCapacity("globex"));
        memory.addReady("globex", 9);
        assertEquals(0, memory.readyCapacity("globex"));
        assertEquals(30, memory.ready());
        memory.addReady("acme", -15);
        assertEquals(5, memory.readyCapacity("acme"));
        assertEquals(5, memory.readyCapacity("globex"));
    }
}
