package io.engagementwebhooks.bench.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.EngagementWebhooks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promises 1, 2 and 4 of the engine: what was acknowledged survives SIGKILL, and a repetition has the same id. */
@Timeout(600)
class KillTest {

    @Test
    void accepted_means_stored_and_sent_at_least_once_wherever_the_process_is_killed(@TempDir Path folder)
            throws Exception {
        List<KillPoint> points = new ArrayList<>(Arrays.asList(KillPoint.values()));
        points.add(null);
        points.add(null);
        kill(folder, points, List.of());
    }

    /** What lies outside of the store's code is the same as above. */
    @Test
    void the_same_holds_on_postgresql(@TempDir Path folder) throws Exception {
        kill(
                folder,
                List.of(
                        KillPoint.BEFORE_INGEST_COMMIT,
                        KillPoint.AFTER_COMMIT_BEFORE_ANSWER,
                        KillPoint.BEFORE_RECORD,
                        KillPoint.RETENTION,
                        KillPoint.REPLAY),
                KillMain.postgres());
    }

    private static void kill(Path folder, List<KillPoint> points, List<String> store) throws Exception {
        List<String> program =
                List.of("-cp", System.getProperty("java.class.path"), EngagementWebhooks.class.getName());
        try (KillRun run = new KillRun(folder, program, store, (number, kill) -> {})) {
            KillRun.Account account = run.run(points);

            assertEquals(List.of(), account.faults());
            assertEquals(0, account.lost());
            assertEquals(points.size(), account.kills().size());
            assertTrue(account.acknowledged() > 5 * points.size(), account.acknowledged() + " were acknowledged");
        }
    }
}
