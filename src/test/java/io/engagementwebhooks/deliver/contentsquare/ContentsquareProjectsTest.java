package io.engagementwebhooks.deliver.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.SettableClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContentsquareProjectsTest {

    private final ContentsquareProjects projects =
            new ContentsquareProjects(new SettableClock(Instant.parse("2026-11-24T10:00:00Z")), url -> true);

    @Test
    void calls_of_one_account_leave_threads_to_others() {
        List<Runnable> hanging = new ArrayList<>();
        for (Optional<Runnable> call = projects.call("loud"); call.isPresent(); call = projects.call("loud")) {
            hanging.add(call.get());
        }

        assertEquals(ContentsquareProjects.MOST_CALLS_OF_ONE, hanging.size());
        assertTrue(projects.call("quiet").isPresent());
        hanging.get(0).run();
        assertTrue(projects.call("loud").isPresent());
    }
}
