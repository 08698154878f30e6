package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds free ports that stay free until a server starts. A port chosen by the system (port 0) may be taken by an
 * outgoing connection before. These are below the range of outgoing ports (Linux: from 32768, others: from 49152).
 */
public final class FreePort {

    private static final int LOWEST = 20_000;
    private static final int END = 32_000;

    /** Avoids duplicates among parallel test processes, whose servers may bind seconds later. */
    private static final int PROCESSES = 2;

    private static final int EACH = (END - LOWEST) / PROCESSES;
    private static final int FIRST = LOWEST + EACH * ((Integer.getInteger("fork", 1) - 1) % PROCESSES);
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /** A free port on loopback. */
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
