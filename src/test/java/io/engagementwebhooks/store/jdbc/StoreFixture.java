package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SettableClock;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store that is opened for each test. */
public abstract class StoreFixture {

    public static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    public final SettableClock clock = new SettableClock(START);
    public Store store;

    /** Opens the store of this test, or reopens it. */
    public abstract Store open(Clock clock);

    @BeforeEach
    void openStore() {
        store = open(clock);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    static boolean await(CountDownLatch latch) {
        try {
            return latch.await(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }
}
