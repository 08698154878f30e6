package io.engagementwebhooks.adversary;

import io.engagementwebhooks.testkit.adversary.Attack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks by servers that the product calls. */
@Tag("slow")
class AdversaryReceiversTest extends AdversaryFixture {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = BY_SERVERS)
    void no_other_account_loses_an_event_and_the_process_stays_within_its_memory(Attack attack) throws Exception {
        attackWithinMemory(attack, 256);
    }
}
