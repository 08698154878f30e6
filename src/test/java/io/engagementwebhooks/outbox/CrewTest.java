package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Workers, and who stands in for those that are held up. */
class CrewTest {

    private final Deque<BooleanSupplier> working = new ArrayDeque<>();
    private final Crew crew = new Crew(4, Runnable::run, working::add);

    @Test
    void as_many_work_as_there_are_to_be() {
        crew.standInFor(0);
        crew.standInFor(0);
        assertEquals(4, working.size());
    }

    @Test
    void others_stand_in_for_those_that_are_held_up_and_leave_when_they_are_not_needed() {
        crew.standInFor(0);
        crew.standInFor(3);
        assertEquals(7, working.size());
        crew.standInFor(1);
        working.removeIf(stays -> !stays.getAsBoolean());
        assertEquals(5, working.size());
        assertEquals(5, crew.size());
    }

    @Test
    void there_is_an_end_to_stand_ins() {
        crew.standInFor(1_000_000);
        assertEquals(20, working.size());
    }
}
