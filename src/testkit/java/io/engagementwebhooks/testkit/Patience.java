package io.engagementwebhooks.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests wait up to three minutes, unless they say otherwise: the machine may have twenty other things to do. They poll at
 * once and then in growing intervals, because most conditions hold within milliseconds.
 */
public final class Patience implements BeforeAllCallback {

    /** As long as anything may take, a process from its start until it takes events too. */
    public static final Duration LONG = Duration.ofMinutes(3);

    static {
        // without it the JDK's HTTP server, which stand-ins use, waits 40 ms between head and body for an
        // acknowledgment
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(LONG);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval((looks, before) -> Duration.ofMillis(Math.min(100, 5L * looks)));
    }
}
