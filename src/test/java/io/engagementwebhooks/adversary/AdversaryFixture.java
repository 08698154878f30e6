package io.engagementwebhooks.adversary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.adversary.AdversarySuite;
import io.engagementwebhooks.testkit.adversary.Attack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an account, or a stranger, does to the product in a separate process: no event of another account is refused or lost,
 * and the process lives within its memory. How long its events take is what {@code bench/adversary.sh} shows. Its classes run at
 * the same time.
 */
abstract class AdversaryFixture {

    /** A pattern of the attacks by connections, receivers and name servers that hang, and by a backlog. */
    static final String HANGING = "HANGING_NAMES|UNFINISHED_.*|RESTART_WITH_BACKLOG|LARGE_EVENTS_FOR_MANY";

    /** A pattern of the attacks by servers that the product calls. */
    static final String BY_SERVERS = "(KEY_UPDATES|COSTLY_GROUP|INTERIM|TINY|TOKENS|LOGINS)_.*|LARGE_CERTIFICATES";

    private static final long MIB = 1L << 20;

    /** Pages of files (classes, libraries, the store's log) are resident too, and the kernel takes them back. */
    private static final long FILES = 50 * MIB;

    @TempDir
    Path folder;

    AdversarySuite.Result attack(Attack attack, int heapMib, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Xmx" + heapMib + "m");
        AdversarySuite.Result result = new AdversarySuite(folder, all).run(attack);
        assertTrue(result.alive(), () -> "the process ended: " + result);
        assertEquals(Map.of(), result.refused());
        assertEquals(Set.of(), result.lost());
        return result;
    }

    void attackWithinMemory(Attack attack, int heapMib, String... options) throws Exception {
        AdversarySuite.Result result = attack(attack, heapMib, options);
        assertTrue(result.residentBytes() <= heapMib * MIB + AdversarySuite.ABOVE_HEAP + FILES, result::toString);
    }
}
