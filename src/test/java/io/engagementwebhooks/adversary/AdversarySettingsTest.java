package io.engagementwebhooks.adversary;

import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.adversary.Attack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Some of the attacks on PostgreSQL, and with the image's flags. */
@Tag("slow")
class AdversarySettingsTest extends AdversaryFixture {

    @ParameterizedTest
    @EnumSource(names = {"HUNGRY_CONDITION", "MANY_DELIVERIES", "LARGE_FAN_OUT", "RESTART_WITH_BACKLOG"})
    void the_same_holds_on_postgresql(Attack attack) throws Exception {
        attackWithinMemory(
                attack,
                256,
                "-Dwebhooks.store.url=" + Postgres.newDatabase(),
                "-Dwebhooks.store.user=" + Postgres.USER,
                "-Dwebhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    }

    /** The image's heap in a container of 1 GiB: 60 % of it. */
    @ParameterizedTest
    @EnumSource(names = {"LARGE_TEMPLATE", "HUNGRY_CONDITION", "UNFINISHED_BODIES"})
    void the_same_holds_with_the_image_s_flags(Attack attack) throws Exception {
        attackWithinMemory(attack, 614, "-XX:+ExitOnOutOfMemoryError");
    }
}
