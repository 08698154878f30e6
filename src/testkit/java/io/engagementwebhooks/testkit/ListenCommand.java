package io.engagementwebhooks.testkit;

import io.engagementwebhooks.EngagementWebhooks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** The command {@code listen} in a process. Thread-safe. */
public final class ListenCommand implements AutoCloseable {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Process process;

    private ListenCommand(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "listen-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts it.
     *
     * @param installation scheme, host and port
     * @param to the local receiver
     * @param others further arguments
     */
    public static ListenCommand start(String key, URI installation, URI to, String... others) {
        List<String> command = JavaCommand.java(EngagementWebhooks.class);
        command.addAll(List.of("listen", "--to", to.toString(), "--url", installation.toString()));
        command.addAll(List.of(others));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("ENGAGEMENT_WEBHOOKS_KEY", key);
        try {
            return new ListenCommand(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader()) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            lines.add("the output ended: " + e.getMessage());
        }
    }

    /** All lines so far. */
    public List<String> lines() {
        return new ArrayList<>(lines);
    }

    /** Waits for a number of lines that match. @return the last of them */
    public String await(int count, String regex) {
        List<String> found = Awaitility.await(regex + " in " + lines)
                .until(
                        () -> lines.stream().filter(line -> line.matches(regex)).toList(),
                        matching -> matching.size() >= count);
        return found.get(count - 1);
    }

    /** Waits for its end. @return the exit code */
    public int exitCode() {
        return Patience.get(process.onExit()).exitValue();
    }

    /** As Ctrl-C does. */
    @Override
    public void close() {
        process.destroy();
        exitCode();
    }
}
