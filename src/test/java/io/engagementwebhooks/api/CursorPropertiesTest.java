package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.server.ProblemException;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

/** Cursors for any list and position, and any change of a cursor. */
class CursorPropertiesTest {

    private static boolean isText(String text) {
        return java.nio.charset.StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    @Property
    void a_cursor_returns_its_position(@ForAll String scope, @ForAll String position) {
        Assume.that(isText(position));
        assertEquals(position, Cursor.position(scope, Cursor.of(scope, position)));
    }

    @Property
    void a_cursor_of_another_list_is_refused(
            @ForAll String scope, @ForAll String other, @ForAll @StringLength(max = 40) String position) {
        Assume.that(!scope.equals(other) && isText(scope) && isText(other) && isText(position));
        assertThrows(ProblemException.class, () -> Cursor.position(other, Cursor.of(scope, position)));
    }

    @Property
    void a_changed_or_truncated_cursor_is_refused(
            @ForAll @StringLength(max = 40) String position, @ForAll @IntRange(max = 60) int at, @ForAll char other) {
        Assume.that(isText(position));
        String cursor = Cursor.of("deliveries", position);
        int place = at % cursor.length();
        String changed = cursor.substring(0, place) + other + cursor.substring(place + 1);
        Assume.that(!changed.equals(cursor));
        assertThrows(ProblemException.class, () -> Cursor.position("deliveries", changed));
        assertThrows(ProblemException.class, () -> Cursor.position("deliveries", cursor.substring(0, place)));
    }

    @Property
    void no_text_makes_it_fail_otherwise(@ForAll String text) {
        assertThrows(ProblemException.class, () -> Cursor.position("deliveries", text));
    }
}
