package io.engagementwebhooks.adversary;

import io.engagementwebhooks.testkit.adversary.Attack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks by definitions and events; {@link AdversaryConnectionsTest} and {@link AdversaryReceiversTest} have the others. */
class AdversarySuiteTest extends AdversaryFixture {

    @Test
    void a_template_that_would_fill_the_memory_costs_no_other_account_an_event() throws Exception {
        attack(Attack.LARGE_TEMPLATE, 256);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_NONE,
            names = {HANGING, BY_SERVERS, "LARGE_TEMPLATE"})
    void no_other_account_loses_an_event_and_the_process_stays_within_its_memory(Attack attack) throws Exception {
        attackWithinMemory(attack, 256);
    }
}
