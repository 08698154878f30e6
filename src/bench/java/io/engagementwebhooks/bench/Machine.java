package io.engagementwebhooks.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where figures were measured.
 *
 * @param cpu its model
 * @param cores that the harness, the measured process and the receiver share
 * @param memoryGb of the machine
 * @param jdk of the measured processes
 * @param commit of what was measured; "+" where files differ from it
 * @param loadBefore the load average before the run
 */
record Machine(String cpu, int cores, long memoryGb, String os, String jdk, String commit, double loadBefore) {

    static Machine here(Path jdk) throws Exception {
        return new Machine(
                value(Path.of("/proc/cpuinfo"), "model name"),
                Runtime.getRuntime().availableProcessors(),
                Math.round(Long.parseLong("0"
                                + value(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", ""))
                        / 1024.0
                        / 1024),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                jdk(jdk),
                ofGit(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    String text() {
        return String.format(
                Locale.ROOT,
                "%d cores (%s), %d GB, %s, %s; commit %s; load average %.1f before the run",
                cores,
                cpu,
                memoryGb,
                os,
                jdk,
                commit,
                loadBefore);
    }

    /** Such as "JDK 17.0.12". */
    static String jdk(Path home) {
        Path release = home.resolve("release");
        String version = Files.exists(release) ? value(release, "JAVA_VERSION").replace("\"", "") : "";
        return "JDK " + (version.isEmpty() ? home.getFileName() : version);
    }

    private static String value(Path file, String name) {
        if (!Files.exists(file)) {
            return "";
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length())
                            .replaceFirst("^\\s*[:=]\\s*", "")
                            .strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static String ofGit() throws IOException, InterruptedException {
        String commit = git("rev-parse", "--short", "HEAD");
        boolean isChanged = !git("status", "--porcelain", "--untracked-files=no", "src/main", "routes", "pom.xml")
                .isEmpty();
        return commit.isEmpty() ? "unknown" : commit + (isChanged ? "+" : "");
    }

    private static String git(String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Stream.concat(Stream.of("git"), Stream.of(arguments)).toList())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes()).strip();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? said : "";
    }
}
