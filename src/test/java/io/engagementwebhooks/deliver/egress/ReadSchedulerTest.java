package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadSchedulerTest {

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<String> order = new ArrayList<>();
    private long now;
    private final ReadScheduler scheduler = new ReadScheduler(() -> now);

    @Test
    void what_an_account_reads_beyond_its_time_waits_for_the_next_iteration_and_other_accounts_do_not() {
        for (int i = 0; i < 5; i++) {
            read("busy", Duration.ofNanos(700_000));
        }
        read("other", Duration.ofNanos(50_000));
        assertEquals(List.of("busy", "busy", "other"), order);

        iterate();
        assertEquals(List.of("busy", "busy", "other", "busy"), order);
    }

    @Test
    void a_long_read_is_paid_for_by_the_iterations_after_it() {
        read("busy", Duration.ofMillis(4));
        read("busy", Duration.ofNanos(1));
        for (int i = 0; i < 3; i++) {
            iterate();
            read("other", Duration.ofNanos(1));
        }
        assertEquals(List.of("busy", "other", "other", "other"), order);

        iterate();
        assertEquals("busy", order.get(order.size() - 1));
    }

    @Test
    void a_pause_of_the_process_costs_an_account_a_bounded_number_of_iterations() {
        read("busy", Duration.ofMinutes(1));
        read("busy", Duration.ofNanos(1));
        for (int i = 0; i < 101; i++) {
            iterate();
        }
        assertEquals(List.of("busy", "busy"), order);
    }

    @Test
    void a_read_that_fails_ends_no_other_one() {
        scheduler
                .of("busy")
                .execute(loop.eventLoop(), () -> now += Duration.ofMillis(1).toNanos());
        scheduler.of("busy").execute(loop.eventLoop(), () -> {
            throw new IllegalStateException("broken");
        });
        read("busy", Duration.ofNanos(1));

        iterate();
        iterate();
        assertEquals(List.of("busy"), order);
    }

    private void read(String account, Duration time) {
        scheduler.of(account).execute(loop.eventLoop(), () -> {
            order.add(account);
            now += time.toNanos();
        });
    }

    private void iterate() {
        loop.runScheduledPendingTasks();
    }
}
