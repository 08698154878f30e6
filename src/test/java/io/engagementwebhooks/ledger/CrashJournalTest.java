package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Semantics 41. */
class CrashJournalTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void file() {
        file = folder.resolve("webhooks.db.evaluating");
    }

    /** Simulates a crash: the written file stays, and nothing more is written. */
    private void crash(String... subjects) throws IOException {
        byte[] left;
        try (CrashJournal journal = CrashJournal.open(file)) {
            for (String subject : subjects) {
                journal.begin(subject);
            }
            left = Files.readAllBytes(file);
        }
        Files.write(file, left);
    }

    private Ledger started() {
        Ledger ledger = new Ledger(1 << 20);
        ledger.quarantineBy(CrashJournal.open(file));
        return ledger;
    }

    private static void evaluate(Ledger ledger, String subject) {
        Evaluation.begin(ledger.of("acme"), subject).close();
    }

    @Test
    void a_subject_of_two_crashes_is_quarantined_once() throws IOException {
        crash("d1", "d2");
        crash("d1");
        Ledger ledger = started();

        assertEquals(
                "set aside: two crashes",
                assertThrows(QuarantinedException.class, () -> evaluate(ledger, "d1"))
                        .getMessage());
        assertDoesNotThrow(() -> evaluate(ledger, "d2"));
        assertDoesNotThrow(() -> evaluate(ledger, "d1"), "a replay is let in");
    }

    @Test
    void a_completed_evaluation_between_two_crashes_clears_the_suspicion() throws IOException {
        crash("d1");
        try (CrashJournal journal = CrashJournal.open(file)) {
            journal.end(journal.begin("d1"), "d1", true);
        }
        crash("d1");

        assertDoesNotThrow(() -> evaluate(started(), "d1"));
    }

    @Test
    void a_subject_refused_for_lack_of_memory_stays_suspect() throws IOException {
        crash("d1");
        Ledger ledger = new Ledger(1 << 20);
        try (CrashJournal journal = CrashJournal.open(file)) {
            ledger.quarantineBy(journal);
            try (Evaluation evaluation = Evaluation.begin(ledger.of("acme"), "d1")) {
                assertThrows(BudgetExceededException.class, () -> Evaluation.use(2 << 20));
                assertTrue(evaluation != null);
            }
        }
        crash("d1");

        assertThrows(QuarantinedException.class, () -> evaluate(started(), "d1"));
    }

    @Test
    void a_clean_shutdown_makes_no_suspects() throws IOException {
        for (int i = 0; i < 2; i++) {
            try (CrashJournal journal = CrashJournal.open(file)) {
                journal.begin("d1");
            }
        }
        assertDoesNotThrow(() -> evaluate(started(), "d1"));
    }

    @Test
    void an_evaluation_completed_before_the_crash_is_not_suspect() throws IOException {
        for (int i = 0; i < 2; i++) {
            byte[] left;
            try (CrashJournal journal = CrashJournal.open(file)) {
                journal.end(journal.begin("d1"), "d1", true);
                journal.begin("d2");
                left = Files.readAllBytes(file);
            }
            Files.write(file, left);
        }
        Ledger ledger = started();

        assertDoesNotThrow(() -> evaluate(ledger, "d1"));
        assertThrows(QuarantinedException.class, () -> evaluate(ledger, "d2"));
    }

    @Test
    void evaluations_beyond_the_slots_run_unrecorded() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (CrashJournal journal = CrashJournal.open(file)) {
            Future<?> all = threads.submit(() -> {
                for (int i = 0; i < 2_000; i++) {
                    journal.begin("d" + i);
                }
            });
            all.get();
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void a_long_name_is_known_by_its_end() throws IOException {
        String topic = "kafka/" + "t".repeat(249);
        crash(topic + "/0/17");
        crash(topic + "/0/17");
        Ledger ledger = started();

        assertDoesNotThrow(() -> evaluate(ledger, topic + "/0/18"));
        assertThrows(QuarantinedException.class, () -> evaluate(ledger, topic + "/0/17"));
    }

    @Test
    void a_name_beyond_latin_letters_is_known_again() throws IOException {
        crash("acme/\u4e2d\u6587/e1");
        crash("acme/\u4e2d\u6587/e1");

        assertThrows(QuarantinedException.class, () -> evaluate(started(), "acme/\u4e2d\u6587/e1"));
    }

    @Test
    void without_a_writable_file_nothing_is_recorded() throws IOException {
        Files.writeString(folder.resolve("file"), "no folder");
        assertSame(CrashJournal.NONE, CrashJournal.open(folder.resolve("file").resolve("journal")));

        try (CrashJournal first = CrashJournal.open(file)) {
            assertSame(CrashJournal.NONE, CrashJournal.open(file));
            assertTrue(first != CrashJournal.NONE);
        }
        CrashJournal.NONE.end(CrashJournal.NONE.begin("d1"), "d1", true);
        CrashJournal.NONE.close();
    }

    @Test
    void a_file_with_other_content_is_overwritten() throws IOException {
        Files.write(file, "x".repeat(200_000).getBytes());

        assertDoesNotThrow(() -> evaluate(started(), "d1"));
    }
}
