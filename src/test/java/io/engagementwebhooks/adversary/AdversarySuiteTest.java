package io.engagementwebhooks.adversary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.adversary.AdversarySuite;
import io.engagementwebhooks.testkit.adversary.Attack;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What an account, or a stranger, does to the product in a separate process: no event of another account is refused or lost,
 * and the process lives within its memory. How long its events take is what {@code bench/adversary.sh} shows.
 */
class AdversarySuiteTest {

    private static final long MIB = 1L << 20;

    /** Pages of files (classes, libraries, the store's log) are resident too, and the kernel takes them back. */
    private static final long FILES = 50 * MIB;

    @TempDir
    Path folder;

    private AdversarySuite.Result attack(Attack attack, String... options) throws Exception {
        AdversarySuite.Result result = new AdversarySuite(folder, List.of(options)).run(attack);
        assertTrue(result.alive(), () -> "the process ended: " + result);
        assertEquals(Map.of(), result.refused());
        assertEquals(Set.of(), result.lost());
        return result;
    }

    @Test
    void a_template_that_would_fill_the_memory_costs_no_other_account_an_event() throws Exception {
        attack(Attack.LARGE_TEMPLATE, "-Xmx256m");
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LARGE_TEMPLATE")
    void no_other_account_loses_an_event_and_the_process_stays_within_its_memory(Attack attack) throws Exception {
        AdversarySuite.Result result = attack(attack, "-Xmx256m");
        assertTrue(result.residentBytes() <= 256 * MIB + AdversarySuite.ABOVE_HEAP + FILES, result::toString);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(names = {"HUNGRY_CONDITION", "MANY_DELIVERIES", "LARGE_FAN_OUT", "RESTART_WITH_BACKLOG"})
    void the_same_holds_on_postgresql(Attack attack) throws Exception {
        AdversarySuite.Result result = attack(
                attack,
                "-Xmx256m",
                "-Dwebhooks.store.url=" + Postgres.newDatabase(),
                "-Dwebhooks.store.user=" + Postgres.USER,
                "-Dwebhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        assertTrue(result.residentBytes() <= 256 * MIB + AdversarySuite.ABOVE_HEAP + FILES, result::toString);
    }

    /** The image's heap in a container of 1 GiB: 60 % of it. */
    @Tag("slow")
    @ParameterizedTest
    @EnumSource(names = {"LARGE_TEMPLATE", "HUNGRY_CONDITION", "UNFINISHED_BODIES"})
    void the_same_holds_with_the_image_s_flags(Attack attack) throws Exception {
        AdversarySuite.Result result = attack(attack, "-Xmx614m", "-XX:+ExitOnOutOfMemoryError");
        assertTrue(result.residentBytes() <= 614 * MIB + AdversarySuite.ABOVE_HEAP + FILES, result::toString);
    }
}
