package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that no listener at and that no one gets by chance. A port that the system chose itself (port 0) will not do
 * for a server that starts a second later: until then any outgoing connection may get it. These lie below the range that
 * the usual systems take outgoing ports from (Linux 32768 and above, others 49152).
 */
public final class FreePort {

    private static final int LOWEST = 20_000;
    private static final int END = 32_000;

    /** Processes of tests run beside each other, and what one of them gave out its server may bind only seconds later. */
    private static final int PROCESSES = 2;

    private static final int EACH = (END - LOWEST) / PROCESSES;
    private static final int FIRST = LOWEST + EACH * ((Integer.getInteger("fork", 1) - 1) % PROCESSES);
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /** One of loopback. */
    public static int any() {
        for (int attempts = 0; attempts < 1000; attempts++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST + EACH);
            if (!GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return free.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IllegalStateException("no port between " + FIRST + " and " + (FIRST + EACH) + " is free");
    }
}
