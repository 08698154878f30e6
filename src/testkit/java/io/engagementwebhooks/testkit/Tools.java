package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
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

    private static boolean isHere(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }
}
