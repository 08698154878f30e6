package io.engagementwebhooks.bench.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether the harness finds what must not be. */
class CrashTestRecordTest {

    private final CrashTestRecord record = new CrashTestRecord(List.of("crm"));

    @BeforeEach
    void prepare_a_delivery_shown_as_delivered() {
        record.took("crm", "other", "msg_other", 1);
        record.shownAsDelivered("msg_other", 1);
    }

    @Test
    void what_never_came_is_missing() {
        record.acknowledged("e1");
        record.acknowledged("other");

        assertEquals(Set.of("crm e1"), record.missing());
    }

    @Test
    void once_before_a_kill_and_once_after_it_is_allowed() {
        took(3, 4);

        assertEquals(1, record.repeatedAfter(3));
        assertEquals(0, record.repeatedAfter(4));
        fault("");
    }

    @Test
    void twice_in_one_run_is_a_fault() {
        took(3, 3);

        fault("without a kill between");
    }

    @Test
    void again_in_a_later_run_than_the_next_is_a_fault() {
        took(3, 5);

        fault("without a kill between");
    }

    @Test
    void in_three_runs_is_a_fault() {
        took(3, 4, 5);

        fault("without a kill between");
    }

    @Test
    void again_after_it_was_shown_as_delivered_is_a_fault() {
        took(3, 4);
        record.shownAsDelivered("msg_1", 3);

        fault("was shown as delivered in life 3");
    }

    @Test
    void a_second_delivery_under_a_new_id_is_allowed_for_a_replay_only() {
        took(3);
        record.took("crm", "e1", "msg_2", 3);
        record.isReplay("msg_2");
        fault("");

        record.took("crm", "e1", "msg_3", 3);
        fault("under several webhook-ids: [msg_1, msg_3]");
    }

    @Test
    void one_id_for_two_is_a_fault() {
        took(3);
        record.took("crm", "e2", "msg_1", 4);

        fault("is that of crm e1 and of crm e2");
    }

    private void took(int... lives) {
        for (int life : lives) {
            record.took("crm", "e1", "msg_1", life);
        }
    }

    /** @param part of the first one; empty: there is none */
    private void fault(String part) {
        record.check();
        assertEquals(part.isEmpty(), record.faults().isEmpty(), record.faults().toString());
        assertTrue(
                part.isEmpty() || record.faults().get(0).contains(part),
                record.faults().toString());
    }
}
