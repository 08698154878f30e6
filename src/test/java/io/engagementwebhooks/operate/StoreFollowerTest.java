package io.engagementwebhooks.operate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.StoreException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class StoreFollowerTest {

    private final AtomicLong nanos = new AtomicLong(-1);
    private final AtomicInteger readings = new AtomicInteger();
    private volatile boolean isAway;

    @AutoClose
    private final StoreFollower follower = new StoreFollower(nanos::get);

    private void read() {
        readings.incrementAndGet();
        if (isAway) {
            throw new StoreException("away", null);
        }
    }

    private void awaitReadings(int more) {
        int until = readings.get() + more;
        await().until(() -> readings.get() >= until);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void it_is_current_for_two_seconds_from_the_begin_of_a_successful_reading() {
        pass(Duration.ofSeconds(2));
        assertTrue(follower.isCurrent());
        pass(Duration.ofNanos(1));
        assertFalse(follower.isCurrent());
        follower.start(this::read);
        await().until(follower::isCurrent);
        isAway = true;
        awaitReadings(2); // one may have begun before
        pass(Duration.ofMillis(2_001));
        awaitReadings(2);
        assertFalse(follower.isCurrent());
        isAway = false;
        await().until(follower::isCurrent);
    }

    @Test
    void a_reading_is_as_old_as_its_begin() {
        AtomicInteger slow = new AtomicInteger();
        follower.start(() -> {
            pass(Duration.ofSeconds(3));
            slow.incrementAndGet();
        });
        await().until(() -> slow.get() >= 2);
        assertFalse(follower.isCurrent());
    }
}
