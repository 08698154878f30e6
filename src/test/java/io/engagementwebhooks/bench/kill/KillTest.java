package io.engagementwebhooks.bench.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.EngagementWebhooks;
import io.engagementwebhooks.testkit.JavaCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promises 1, 2 and 4 of the engine: what was acknowledged survives SIGKILL, and a repetition has the same id. Tests run
 * before there is a jar, so what is killed is its main class on the tests' class path; {@code bench/kill/run.sh} kills the
 * jar.
 */
@Timeout(1200)
class KillTest {

    private static final List<String> PROGRAM = Stream.concat(
                    JavaCommand.classPath().stream(), Stream.of(EngagementWebhooks.class.getName()))
            .toList();

    /** Two of the points: where what is acknowledged is not stored yet, and where what was sent has no outcome yet. */
    private static final EnumSet<KillPoint> FIRST = EnumSet.of(KillPoint.BEFORE_INGEST_COMMIT, KillPoint.BEFORE_RECORD);

    @Test
    void accepted_events_survive_kills_at_the_critical_points(@TempDir Path folder) throws Exception {
        kill(folder, KillStore.sqlite(), FIRST, 0);
    }

    @Test
    @Tag("slow")
    void accepted_events_survive_kills_at_every_point(@TempDir Path folder) throws Exception {
        kill(folder, KillStore.sqlite(), EnumSet.complementOf(FIRST), 2);
    }

    @Test
    @Tag("slow")
    void the_same_holds_on_postgresql(@TempDir Path folder) throws Exception {
        kill(folder, KillStore.postgres(), EnumSet.allOf(KillPoint.class), 1);
    }

    @Test
    @Tag("slow")
    void deliveries_in_flight_at_a_kill_are_resent_and_none_is_lost(@TempDir Path folder) throws Exception {
        try (KillInFlight run = new KillInFlight(folder, PROGRAM, KillStore.sqlite(), 800)) {
            KillInFlight.Account account = run.run();

            assertEquals(List.of(), account.faults());
            assertEquals(0, account.lost());
            assertEquals(800, account.inFlight());
            assertEquals(33 * 50, account.owed());
        }
    }

    private static void kill(Path folder, KillStore store, Set<KillPoint> where, int randomMoments) throws Exception {
        List<KillPoint> points = new ArrayList<>(where);
        points.addAll(Collections.nCopies(randomMoments, null));
        try (KillRun run = new KillRun(folder, PROGRAM, store, (number, kill) -> {})) {
            KillRun.Account account = run.run(points);

            assertEquals(List.of(), account.faults());
            assertEquals(0, account.lost());
            assertEquals(points.size(), account.kills().size());
            assertTrue(account.acknowledged() > 5 * points.size(), account.acknowledged() + " were acknowledged");
        }
    }
}
