package io.engagementwebhooks.adversary;

import io.engagementwebhooks.testkit.adversary.Attack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks by connections, receivers and name servers that hang, and by a backlog. */
@Tag("slow")
class AdversaryConnectionsTest extends AdversaryFixture {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = HANGING)
    void no_other_account_loses_an_event_and_the_process_stays_within_its_memory(Attack attack) throws Exception {
        attackWithinMemory(attack, 256);
    }
}
