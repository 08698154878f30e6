package io.engagementwebhooks.store;

import static org.awaitility.Awaitility.await;

import io.engagementwebhooks.testkit.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackgroundCountCacheTest {

    @Test
    void a_clock_set_back_does_not_keep_old_counts() {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
        AtomicInteger counts = new AtomicInteger();
        try (BackgroundCountCache<String, Integer> counted =
                new BackgroundCountCache<>("counting", resource -> counts.incrementAndGet(), clock)) {
            counted.of(List.of("calls"));
            clock.pass(Duration.ofHours(-1));
            await().until(() -> counted.of(List.of("calls")).get("calls").value() > 1);
        }
    }
}
