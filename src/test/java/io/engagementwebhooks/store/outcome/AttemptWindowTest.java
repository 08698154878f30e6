package io.engagementwebhooks.store.outcome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttemptWindowTest {

    @Test
    void window_equals_a_list_of_the_last_twenty_results() {
        Random random = new Random(7);
        Deque<Boolean> list = new ArrayDeque<>();
        AttemptWindow window = AttemptWindow.EMPTY;
        for (int i = 0; i < 2000; i++) {
            boolean failed = random.nextInt(100) < (i / 200) * 10;
            window = window.after(failed);
            list.addLast(failed);
            if (list.size() > 20) {
                list.removeFirst();
            }
            long failures = list.stream().filter(each -> each).count();
            assertEquals(list.size(), window.size());
            assertEquals(failures, window.failures());
            assertEquals(inARow(list, true), window.failuresInARow());
            assertEquals(inARow(list, false), window.successesInARow());
            assertEquals(list.size() - failures < 0.95 * list.size(), window.isDegraded());
            assertEquals(failures == 20, window.isWithoutSuccess());
            AttemptWindow recovered = window.sinceLastFailure();
            assertEquals(inARow(list, false), recovered.size());
            assertEquals(0, recovered.failures());
        }
    }

    private static int inARow(Deque<Boolean> list, boolean failed) {
        int count = 0;
        var newestFirst = list.descendingIterator();
        while (newestFirst.hasNext() && newestFirst.next() == failed) {
            count++;
        }
        return count;
    }

    @Test
    void twenty_successes_are_clean_and_an_empty_window_is_not() {
        AttemptWindow window = AttemptWindow.EMPTY;
        for (int i = 0; i < 25; i++) {
            assertEquals(i >= 20, window.equals(AttemptWindow.CLEAN));
            window = window.after(false);
        }
        assertFalse(AttemptWindow.EMPTY.isDegraded());
        assertTrue(AttemptWindow.EMPTY.after(true).isDegraded());
        assertThrows(IllegalArgumentException.class, () -> new AttemptWindow(0));
    }
}
