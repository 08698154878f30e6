package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Programs that a machine with a JDK may lack. {@code .ci/run} installs them, so that CI skips nothing. */
public final class Tools {

    private Tools() {}

    /** Skips the test, with the reason, if one of these is missing. */
    public static void assume(String... names) {
        for (String name : names) {
            assumeTrue(isHere(name), name + " is not on this machine's PATH");
        }
    }

    /** Runs a command in a folder; fails with its output if it fails. */
    public static void run(Path folder, String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "run", ".log");
        int exitCode = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        assertEquals(0, exitCode, String.join(" ", command) + "\n" + Files.readString(log));
    }

    /** Whether it is on the PATH. */
    public static boolean isHere(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }
}
