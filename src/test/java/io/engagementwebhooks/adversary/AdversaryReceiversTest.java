package io.engagementwebhooks.adversary;

import io.engagementwebhooks.testkit.adversary.Attack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A few of the attacks by servers that the product calls, since each lasts half a minute; {@code bench/adversary.sh} has all. */
@Tag("slow")
class AdversaryReceiversTest extends AdversaryFixture {

    @ParameterizedTest
    @EnumSource(names = {"KEY_UPDATES_50", "INTERIM_300", "TOKENS_COSTLY_GROUP", "LOGINS_KEY_UPDATES"})
    void no_other_account_loses_an_event_and_the_process_stays_within_its_memory(Attack attack) throws Exception {
        attackWithinMemory(attack, 256);
    }
}
