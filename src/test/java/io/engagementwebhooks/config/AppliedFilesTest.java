package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Semantics 24: which file is applied. */
class AppliedFilesTest {

    private static final Map<String, List<String>> ACCOUNTS = Map.of("acme", List.of("k2", "k1"));

    private static AppliedFiles applied(AppliedFiles before, String instance, String content) {
        assertTrue(before.mustApply(instance, content));
        return before.applied(instance, content, ACCOUNTS, Instant.EPOCH);
    }

    @Test
    void a_file_that_the_store_has_never_seen_is_applied() {
        AppliedFiles first = applied(AppliedFiles.NONE, "a", "1");
        AppliedFiles second = applied(first, "b", "2");
        assertTrue(second.isActive("2"));
        assertFalse(second.isActive("1"));
    }

    @Test
    void a_restart_with_an_older_file_applies_nothing() {
        AppliedFiles second = applied(applied(AppliedFiles.NONE, "a", "1"), "b", "2");
        assertFalse(second.mustApply("a", "1"));
        assertFalse(second.mustApply("a-pod-with-a-new-name", "1"));
    }

    @Test
    void a_file_that_its_instance_had_before_another_one_is_applied_again() {
        AppliedFiles second = applied(applied(AppliedFiles.NONE, "a", "1"), "a", "2");
        assertTrue(applied(second, "a", "1").isActive("1"));
    }

    @Test
    void an_instance_that_started_with_the_active_file_applies_an_older_one_that_it_gets_later() {
        AppliedFiles second =
                applied(applied(AppliedFiles.NONE, "a", "1"), "a", "2").seen("b", "2");
        assertTrue(second.mustApply("b", "1"));
    }

    @Test
    void two_hundred_files_and_instances_are_kept() {
        AppliedFiles files = AppliedFiles.NONE;
        for (int i = 0; i < 300; i++) {
            files = applied(files, "pod-" + i, "content-" + i);
        }
        assertEquals(200, files.known().size());
        assertEquals(200, files.byInstance().size());
        assertTrue(files.isActive("content-299"));
        assertEquals(files, AppliedFiles.of(files.toBytes()));
    }
}
