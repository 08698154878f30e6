package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class AtATimeTest {

    private final AtATime atATime = new AtATime(2, "too-many", "others count");

    @Test
    void one_too_many_is_told_to_try_again_and_may_when_another_has_ended() {
        String answer = atATime.run(() -> atATime.run(() -> {
            ProblemException refused = assertThrows(ProblemException.class, () -> atATime.run(() -> "never"));
            assertEquals(429, refused.problem().status());
            assertEquals(
                    "others count; try again in a few seconds",
                    refused.problem().detail());
            return "inner";
        }));
        assertEquals("inner", answer);
        assertThrows(
                IllegalStateException.class,
                () -> atATime.run(() -> {
                    throw new IllegalStateException("it fails, and gives its place back");
                }));
        assertEquals("both", atATime.run(() -> atATime.run(() -> "both")));
    }
}
