package io.engagementwebhooks.testkit;

import java.io.IOException;

/** Sends signals to processes of a test, by the shell's built-in kill, since not every machine has the program. */
public final class Signals {

    private Signals() {}

    /** @param name such as {@code STOP} */
    public static void send(long pid, String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid)
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name + " " + pid + " failed");
        }
    }
}
