package io.engagementwebhooks.event;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reserved bound of a tree covers the exactly counted allocations of its thread. */
class TreeBoundTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{},",
                "[],",
                "[[]],",
                "{\"a\":1},",
                "{\"a\":{}},",
                "1,",
                "\"\",",
                "\"ab\",",
                "1.5,",
                "12345678901,",
                "null,"
            })
    void a_tree_takes_no_more_than_its_bound(String item) {
        byte[] text = text(item);
        assertTrue(taken(text) <= EventJson.treeBound(text), taken(text) + " bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{},", "[[]],", "{\"a\":{}},", "\"ab\",", "1.5,"})
    void a_bound_is_no_more_than_four_times_what_a_tree_takes(String item) {
        byte[] text = text(item);
        assertTrue(EventJson.treeBound(text) < 4 * taken(text), taken(text) + " bytes");
    }

    private static byte[] text(String item) {
        return ("[" + item.repeat(20_000) + "0]").getBytes(StandardCharsets.UTF_8);
    }

    private static long taken(byte[] text) {
        EventJson.parse(text); // classes are loaded
        long before = THREADS.getCurrentThreadAllocatedBytes();
        EventJson.parse(text);
        // the array's own slots are copied as it grows: half of what is allocated for them is garbage
        long slots = 20_001L * 8 * 3;
        return THREADS.getCurrentThreadAllocatedBytes() - before - slots;
    }

    @ParameterizedTest
    @ValueSource(strings = {"{},", "{\"a\":1},", "1,"})
    void the_quick_bound_is_not_smaller(String item) {
        byte[] text = ("[" + item.repeat(300) + "0]").getBytes(StandardCharsets.UTF_8);
        assertTrue(EventJson.quickTreeBound(text) >= EventJson.treeBound(text));
    }
}
