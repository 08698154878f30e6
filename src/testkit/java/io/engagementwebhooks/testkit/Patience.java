package io.engagementwebhooks.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Whatever a test waits for has three minutes, unless it says otherwise: the machine may have twenty other things to do. It is
 * looked at at once and then in growing intervals, as most of it is there within milliseconds.
 */
public final class Patience implements BeforeAllCallback {

    /** As long as anything may take, a process from its start until it takes events too. */
    public static final Duration LONG = Duration.ofMinutes(3);

    static {
        // else the JDK's server, of which stand-ins are made, waits for an acknowledgment between head and body: 40 ms
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(LONG);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval((looks, before) -> Duration.ofMillis(Math.min(100, 5L * looks)));
    }
}
