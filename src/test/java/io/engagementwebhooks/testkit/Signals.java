package io.engagementwebhooks.testkit;

import java.io.IOException;

/** Signals to processes that a test has started. */
public final class Signals {

    private Signals() {}

    /** @param name such as {@code STOP} */
    public static void send(long pid, String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name + " " + pid + " failed");
        }
    }
}
