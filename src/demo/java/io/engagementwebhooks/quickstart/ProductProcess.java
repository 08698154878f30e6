package io.engagementwebhooks.quickstart;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The product's jar in its own process, in its own folder. Thread-safe. */
final class ProductProcess implements AutoCloseable {

    private static final int TAIL = 30;
    private static final int PATIENCE_SECONDS = 180;

    private final Process process;
    private final Path log;

    private ProductProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it; it is not ready yet.
     *
     * @param options what stands between {@code java} and {@code -jar}
     */
    static ProductProcess start(
            Path jar, Path folder, List<String> options, List<String> arguments, Map<String, String> environment)
            throws IOException {
        Path log = folder.resolve("product.log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(new File("/dev/null"));
        // settings of the product that the caller's shell happens to have are not the demonstration's
        builder.environment().keySet().removeIf(name -> name.startsWith("WEBHOOKS_") || name.startsWith("CAMEL_"));
        builder.environment().putAll(environment);
        return new ProductProcess(builder.start(), log);
    }

    /** Waits so long at most. */
    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    Path log() {
        return log;
    }

    /** What it says to a person at a terminal: where the console is, and how to sign in once. */
    List<String> greeting() throws IOException {
        return Files.readAllLines(log).stream()
                .dropWhile(line -> !line.startsWith("Console: "))
                .limit(2)
                .filter(line -> line.startsWith("Console: ") || line.startsWith("Sign in once"))
                .toList();
    }

    /** The last lines it wrote. */
    String tail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
        } catch (IOException e) {
            return "(its log cannot be read: " + e.getMessage() + ")";
        }
    }

    /** Ends it: gracefully, and if it does not listen, at once. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
