package io.engagementwebhooks.testkit;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Default wait of tests: up to three minutes, since the machine may be busy. Polls at once and then at growing
 * intervals, since most conditions hold within milliseconds.
 */
public final class Patience implements BeforeAllCallback {

    /** The longest wait, also for the start of a process. */
    public static final Duration LONG = Duration.ofMinutes(3);

    static {
        // without it the JDK's HTTP server, which stand-ins use, waits 40 ms between head and body for an
        // acknowledgment
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** The result of a stage. */
    public static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(LONG.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Waits for a latch; an interrupt ends the wait. */
    public static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(LONG);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval((looks, before) -> Duration.ofMillis(Math.min(100, 5L * looks)));
    }
}
