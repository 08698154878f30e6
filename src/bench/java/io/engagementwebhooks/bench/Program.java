package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A measured process: the product's jar in its own folder, or the baseline. */
final class Program implements AutoCloseable {

    static final Path JAR = Path.of("target/engagement-webhooks.jar").toAbsolutePath();

    /** The launcher of this build. */
    static final Path SCRIPT = Path.of("bin/engagement-webhooks").toAbsolutePath();

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Path LOGS = Path.of("target/bench-logs").toAbsolutePath();

    private final Process process;
    private final int port;
    private final long begin;
    private final Path log;

    private Program(Process process, int port, long begin, Path log) {
        this.process = process;
        this.port = port;
        this.begin = begin;
        this.log = log;
    }

    /** Starts the product in a folder. */
    interface Starter {
        Program start(Path folder) throws IOException;
    }

    /** The product as {@code bin/engagement-webhooks} starts it, without a class-data archive. */
    static Program product(Plan plan, Path folder, List<String> options) throws IOException {
        return product(plan, folder, options, JAR);
    }

    /** The same, with another jar. */
    static Program product(Plan plan, Path folder, List<String> options, Path jar) throws IOException {
        return launched(plan, folder, options, jar, SCRIPT, "");
    }

    /** The same, by another launcher. @param cache where the class-data archive is, or is made; empty: none */
    static Program launched(Plan plan, Path folder, List<String> options, Path jar, Path script, String cache)
            throws IOException {
        int port = FreePort.any();
        List<String> all = new ArrayList<>(settings(port));
        all.addAll(options);
        all.addAll(plan.options());
        return start(
                folder,
                port,
                List.of(script.toString()),
                Map.of(
                        "JAVA_HOME", plan.home().toString(),
                        "JAVA_OPTS", String.join(" ", all),
                        "ENGAGEMENT_WEBHOOKS_JAR", jar.toAbsolutePath().toString(),
                        "ENGAGEMENT_WEBHOOKS_CACHE", cache));
    }

    /** The product by {@code java -jar}, with a heap of 1 GB. */
    static Program byJava(Plan plan, Path folder, List<String> options) throws IOException {
        int port = FreePort.any();
        List<String> command = new ArrayList<>(settings(port));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        return startJava(plan, folder, port, command);
    }

    private static List<String> settings(int port) throws IOException {
        return List.of(
                "-Dwebhooks.config=file:webhooks.yaml",
                "-Dwebhooks.egress.allow=127.0.0.0/8",
                "-Dcamel.server.host=127.0.0.1",
                "-Dcamel.server.port=" + port,
                "-Dcamel.management.port=" + FreePort.any());
    }

    /**
     * The baseline, with the jar's libraries and one class of this build, a heap of 1 GB, and the launcher's collector
     * unless the plan has one.
     */
    static Program baseline(Plan plan, String receiver) throws IOException {
        int port = FreePort.any();
        String classPath = JAR + File.pathSeparator + onlyBaseline();
        List<String> command = new ArrayList<>();
        if (plan.options().stream().noneMatch(option -> option.matches("-XX:\\+Use.*GC"))) {
            command.add("-XX:+UseParallelGC");
        }
        command.addAll(List.of("-cp", classPath, BaselineRoute.class.getName(), "" + port, receiver));
        return startJava(plan, Path.of("."), port, command);
    }

    /** A folder with the compiled classes of the baseline and nothing else of the tests. */
    private static Path onlyBaseline() throws IOException {
        Path folder = Path.of("target/bench-baseline").toAbsolutePath();
        String of = BaselineRoute.class.getPackageName().replace('.', '/');
        Path into = Files.createDirectories(folder.resolve(of));
        try (Stream<Path> classes = Files.list(Path.of("target/test-classes").resolve(of))) {
            for (Path each : classes.filter(Program::isBaseline).toList()) {
                Files.write(into.resolve(each.getFileName()), Files.readAllBytes(each));
            }
        }
        return folder;
    }

    private static boolean isBaseline(Path compiled) {
        return compiled.getFileName().toString().startsWith(BaselineRoute.class.getSimpleName());
    }

    private static Program startJava(Plan plan, Path folder, int port, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(plan.home().resolve("bin/java").toString());
        command.add("-Xmx1g");
        command.addAll(plan.options());
        command.addAll(arguments);
        return start(folder, port, command, Map.of());
    }

    private static Program start(Path folder, int port, List<String> command, Map<String, String> environment)
            throws IOException {
        Files.createDirectories(LOGS);
        Path log = LOGS.resolve(System.nanoTime() + ".log");
        long begin = System.nanoTime();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return new Program(builder.start(), port, begin, log);
    }

    int port() {
        return port;
    }

    /** When its start began. */
    long begin() {
        return begin;
    }

    /** Waits until it accepts an event. Returns the duration of the start, in milliseconds. */
    double awaitAccepted(EventTimes events) throws InterruptedException {
        int id = events.next(System.nanoTime());
        await(202, events.body(id).toString(), BenchConfig.KEY);
        events.accepted(id, System.nanoTime());
        return (System.nanoTime() - begin) / 1e6;
    }

    /** Waits until it is up, without giving it an event. */
    void awaitUp() throws InterruptedException {
        await(401, "{}", "key-of-no-account-at-all-0123456789");
    }

    /** Waits until the baseline responds. Returns the duration of the start, in milliseconds. */
    double awaitAnswer(EventTimes events) throws InterruptedException {
        int id = events.next(System.nanoTime());
        await(200, events.body(id).toString(), BenchConfig.KEY);
        events.accepted(id, System.nanoTime());
        return (System.nanoTime() - begin) / 1e6;
    }

    /** A plain socket: the first use of an HTTP client takes longer than what is measured here. */
    private void await(int status, String body, String key) throws InterruptedException {
        byte[] request = ("POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer "
                        + key + "\r\nContent-Type: application/cloudevents+json\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
        String wanted = "HTTP/1.1 " + status;
        long end = System.nanoTime() + PATIENCE.toNanos();
        String last = "";
        while (System.nanoTime() < end && process.isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port));
                socket.setSoTimeout((int) PATIENCE.toMillis());
                socket.getOutputStream().write(request);
                last = firstLine(socket.getInputStream());
                if (last.startsWith(wanted)) {
                    return;
                }
            } catch (IOException notYet) {
                last = notYet.getMessage();
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        throw new IllegalStateException("no " + status + " but '" + last + "'; see " + log);
    }

    private static String firstLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\r'; b = in.read()) {
            line.write(b);
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    /** Processor time that it has used. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Resident memory in MB: now, or the most it ever was. 0: this system does not tell. */
    long residentMb(boolean most) throws IOException {
        return reported("status", most ? "VmHWM:" : "VmRSS:") / 1024;
    }

    /** Bytes that it has given the system to write to disk. 0: this system does not tell. */
    long written() throws IOException {
        return reported("io", "write_bytes:");
    }

    /** How many it has now. 0: this system does not tell. */
    long threads() throws IOException {
        return reported("status", "Threads:");
    }

    private long reported(String file, String name) throws IOException {
        Path path = Path.of("/proc/" + process.pid() + "/" + file);
        return !Files.exists(path)
                ? 0
                : Files.readAllLines(path).stream()
                        .filter(line -> line.startsWith(name))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0);
    }

    /** Ends it by SIGKILL. */
    void kill() {
        process.destroyForcibly();
        if (!hasEnded()) {
            throw new IllegalStateException("process " + process.pid() + " does not end");
        }
    }

    private boolean hasEnded() {
        try {
            return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends it as an operator does; what it stored can be looked at then. */
    void stop() {
        process.destroy();
        if (!hasEnded()) {
            kill();
        }
    }

    @Override
    public void close() {
        stop();
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
