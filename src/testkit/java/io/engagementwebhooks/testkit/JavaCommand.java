package io.engagementwebhooks.testkit;

import io.engagementwebhooks.EngagementWebhooks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
        command.addAll(classPath());
        command.add(main.getName());
        return command;
    }

    /** The options of the JVM that name the class path. */
    public static List<String> classPath() {
        return ProductArchive.options();
    }
}
