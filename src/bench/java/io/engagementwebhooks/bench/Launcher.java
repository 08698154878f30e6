package io.engagementwebhooks.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The product as users start it: by {@code bin/engagement-webhooks}, with the class-data archive, from JDK 25 on the AOT
 * cache, that an earlier run made.
 */
final class Launcher implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Plan plan;
    private final Path jar;
    private final Path script;
    private final Path cache;

    private Launcher(Plan plan, Path jar, Path script, Path cache) {
        this.plan = plan;
        this.jar = jar;
        this.script = script;
        this.cache = cache;
    }

    /** Runs it once, and waits for its archive. */
    static Launcher of(Plan plan) throws Exception {
        return of(plan, Program.JAR, Program.SCRIPT);
    }

    /** The same with another jar, by another launcher. */
    static Launcher of(Plan plan, Path jar, Path script) throws Exception {
        Launcher launcher = new Launcher(plan, jar, script, Files.createTempDirectory("bench-cache"));
        Path folder = Measuring.folder(new BenchConfig("http://127.0.0.1:9"));
        try (Program first = launcher.start(folder, List.of())) {
            first.awaitUp();
            if (!Measuring.await(launcher::hasArchive, PATIENCE)) {
                throw new IllegalStateException("the launcher made no class-data archive in " + launcher.cache);
            }
            return launcher;
        } catch (Exception e) {
            launcher.close();
            throw e;
        } finally {
            Program.delete(folder);
        }
    }

    private boolean hasArchive() {
        try (Stream<Path> files = Files.list(cache)) {
            return files.anyMatch(file -> file.toString().endsWith(".jsa"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The product, which is starting. */
    Program start(Path folder, List<String> options) throws IOException {
        return Program.launched(plan, folder, options, jar, script, cache.toString());
    }

    @Override
    public void close() throws IOException {
        Program.delete(cache);
    }
}
