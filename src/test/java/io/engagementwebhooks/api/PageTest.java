package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Pages of lists whose definitions are large. */
class PageTest {

    private static final int THREE_MIB = 3 << 20;

    private static ListView<String> page(Map<String, List<String>> query) {
        return Page.sized(
                List.of("c", "a", "b"),
                Function.identity(),
                Function.identity(),
                Parameters.of(query, List.of(Parameters.CURSOR)),
                "names",
                name -> THREE_MIB);
    }

    @Test
    void a_page_ends_at_its_limit_of_bytes_and_its_cursor_continues() {
        ListView<String> first = page(Map.of());
        assertEquals(List.of("a", "b"), first.items());
        ListView<String> last = page(Map.of(Parameters.CURSOR, List.of(first.next())));
        assertEquals(List.of("c"), last.items());
        assertNull(last.next());
    }
}
