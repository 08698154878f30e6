package io.engagementwebhooks.testkit;

import io.engagementwebhooks.EngagementWebhooks;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Command lines of processes on the JDK and the class path of the tests. */
public final class JavaCommand {

    private JavaCommand() {}

    /** Path of a program of the JDK, such as {@code jcmd}. */
    public static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** The product with options of the JVM, for one start, which is counted; arguments can be added. */
    public static List<String> product(String... options) {
        Budget.PROCESSES.use();
        return java(EngagementWebhooks.class, options);
    }

    /** A main class with options of the JVM; arguments can be added. */
    public static List<String> java(Class<?> main, String... options) {
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        // the jar's manifest allows it to the product; without it JDK 24 and later warn of SQLite's library
        command.add("--enable-native-access=ALL-UNNAMED");
        // such a process lives for seconds
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath(), main.getName()));
        return command;
    }

    /** Absolute, since a process may run in another folder. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(each -> Path.of(each).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
