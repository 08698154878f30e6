package io.engagementwebhooks.bench.kill;

import io.engagementwebhooks.testkit.Budget;
import io.engagementwebhooks.testkit.FreePort;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.ByteBuddy;

/** The product as a separate process in a folder, always ended by SIGKILL, and restarted on its data. */
final class KilledProduct implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path folder;
    private final List<String> program;
    private final Path agentJar;
    private final ServerSocket harness;
    private final int port = FreePort.any();
    private Process process;
    /** Of the agent in the process that runs, or null: it has none. */
    private Socket agent;

    /**
     * @param folder where it runs; {@code webhooks.yaml} lies there
     * @param program what follows {@code java} and its options: a jar or a class path and a class
     */
    KilledProduct(Path folder, List<String> program) throws IOException {
        this.folder = folder;
        this.program = program;
        this.agentJar = agentJar(folder.resolve("kill-agent.jar"));
        this.harness = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        harness.setSoTimeout((int) PATIENCE.toMillis());
    }

    int port() {
        return port;
    }

    /** Starts it, returning at once. @param point where a thread will stop, or null: nowhere */
    void start(KillPoint point, List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx256m");
        command.add("-XX:TieredStopAtLevel=1");
        if (point != null) {
            int pass = ThreadLocalRandom.current().nextInt(1, point.passes + 1);
            command.add("-javaagent:" + agentJar + "=" + point + "," + pass + "," + harness.getLocalPort());
        }
        command.add("-Dwebhooks.egress.allow=127.0.0.0/8");
        command.add("-Dcamel.server.host=127.0.0.1");
        command.add("-Dcamel.server.port=" + port);
        command.add("-Dcamel.management.port=" + FreePort.any());
        command.addAll(options);
        command.addAll(program);
        Budget.PROCESSES.use();
        process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(folder.toFile(), "log")))
                .start();
        if (point != null) {
            agent = harness.accept();
            agent.setSoTimeout((int) PATIENCE.toMillis());
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Passes of its point count from now on. */
    void arm() throws IOException {
        agent.getOutputStream().write(1);
    }

    /** Waits until a thread of it stands at the point it was started with. */
    void awaitPoint(KillPoint point) throws IOException {
        try {
            if (agent.getInputStream().read() < 0) {
                throw new IllegalStateException("the product ended before its time:\n" + log());
            }
        } catch (SocketTimeoutException e) {
            throw new IllegalStateException(
                    "no thread came to " + point.method + " within " + PATIENCE.toSeconds()
                            + " s; has it another name now?\n" + log(),
                    e);
        }
    }

    /** Ends it by SIGKILL. */
    void kill() throws IOException, InterruptedException {
        process.destroyForcibly();
        if (agent != null) {
            agent.close();
            agent = null;
        }
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process " + process.pid() + " does not end");
        }
    }

    /** The end of its log. */
    String log() {
        try {
            String log = Files.readString(folder.resolve("log"));
            return log.substring(Math.max(0, log.length() - 5000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws IOException {
        if (process != null) {
            process.destroyForcibly();
        }
        harness.close();
    }

    private static Path agentJar(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Premain-Class", KillAgent.class.getName());
        main.put(
                Attributes.Name.CLASS_PATH,
                ByteBuddy.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (Class<?> type : List.of(
                    KillAgent.class,
                    KillAgent.Beginning.class,
                    KillAgent.End.class,
                    KillPoint.class,
                    KillPoint.Method.class)) {
                String name = type.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(name));
                try (var in = type.getClassLoader().getResourceAsStream(name)) {
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return jar;
    }
}
