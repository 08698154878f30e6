package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Debian's RabbitMQ in a separate process, on loopback, with the user and password {@value #USER}. */
public final class RabbitBroker implements AutoCloseable {

    /** The program, for {@link Tools#assume}. */
    public static final String PROGRAM = "rabbitmq-server";

    public static final String USER = "guest";

    /** Debian's script on the PATH changes the user. */
    private static final String SCRIPT = "/usr/lib/rabbitmq/bin/" + PROGRAM;

    private final int port;
    private final String names = Integer.toString(FreePort.any());
    private final Process process;

    /** @param folder an empty folder */
    public RabbitBroker(Path folder, int port) throws IOException {
        this.port = port;
        Path plugins = Files.writeString(folder.resolve("plugins"), "[].");
        ProcessBuilder command = new ProcessBuilder(SCRIPT)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        command.environment()
                .putAll(Map.ofEntries(
                        Map.entry("HOME", folder.toString()),
                        Map.entry("RABBITMQ_NODENAME", "r" + port + "@localhost"),
                        Map.entry("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
                        Map.entry("RABBITMQ_NODE_PORT", Integer.toString(port)),
                        Map.entry("RABBITMQ_DIST_PORT", Integer.toString(FreePort.any())),
                        Map.entry("ERL_EPMD_PORT", names),
                        Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
                        // it can be ended although it still lists the broker
                        Map.entry("ERL_EPMD_RELAXED_COMMAND_CHECK", "true"),
                        Map.entry("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString()),
                        Map.entry("RABBITMQ_LOG_BASE", folder.resolve("logs").toString()),
                        Map.entry("RABBITMQ_CONFIG_FILE", folder.resolve("none").toString()),
                        Map.entry("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
                        Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", plugins.toString())));
        process = command.start();
    }

    public int port() {
        return port;
    }

    /** Kills it, and ends the name server that it started. */
    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
        new ProcessBuilder("epmd", "-port", names, "-kill")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .onExit()
                .join();
    }
}
