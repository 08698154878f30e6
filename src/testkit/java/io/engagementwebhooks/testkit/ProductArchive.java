package io.engagementwebhooks.testkit;

import io.engagementwebhooks.EngagementWebhooks;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * The class path of product processes. The product's classes are a jar there, so that the JVM takes them and the libraries
 * from a class-data archive, which saves a third of a start. Both are made when a build first needs them. Without an
 * archive the processes run too. Thread-safe.
 */
final class ProductArchive {

    private static final Path CLASSES = Path.of("target", "classes").toAbsolutePath();
    private static final Path FOLDER = Path.of("target", "product-archive").toAbsolutePath();
    private static List<String> options;

    private ProductArchive() {}

    /** The options of the JVM that name the class path and the archive. */
    static synchronized List<String> options() {
        if (options == null) {
            try {
                options = make();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        return options;
    }

    private static List<String> make() throws IOException, InterruptedException {
        // absolute, since a process may run in another folder
        List<Path> entries = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(each -> Path.of(each).toAbsolutePath())
                .filter(each -> !each.equals(CLASSES))
                .toList();
        String version = Long.toHexString(version(entries));
        Path jar = FOLDER.resolve(version + ".jar");
        Path archive = FOLDER.resolve(version + ".jsa");
        // the JVM archives no class of a path that has a folder with content, and ignores what is behind the archived
        // path
        List<Path> archived = new ArrayList<>(List.of(jar));
        entries.stream().filter(Files::isRegularFile).forEach(archived::add);
        Files.createDirectories(FOLDER);
        // closing it releases the lock
        try (FileChannel lock =
                FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock();
            if (!Files.exists(jar)) {
                clear();
                pack(jar);
                archive(archive, path(archived));
            }
        }
        List<Path> all = new ArrayList<>(archived);
        entries.stream().filter(Files::isDirectory).forEach(all::add);
        return Files.exists(archive)
                ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-cp", path(all))
                : List.of("-cp", path(all));
    }

    private static String path(List<Path> entries) {
        return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** Another one where a class, a library or the JVM has changed. */
    private static long version(List<Path> libraries) throws IOException {
        long version = 31L * libraries.toString().hashCode()
                + System.getProperty("java.vm.version").hashCode();
        try (Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.sorted().toList()) {
                version = 31 * version + file.toString().hashCode();
                version = 31 * version + Files.getLastModifiedTime(file).toMillis();
            }
        }
        return version;
    }

    /** Removes what an earlier build made. */
    private static void clear() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.filter(file -> !file.endsWith("lock")).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void pack(Path jar) throws IOException {
        Path made = FOLDER.resolve("new.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(made));
                Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.filter(each -> !each.equals(CLASSES)).toList()) {
                String name = CLASSES.relativize(file).toString().replace(File.separatorChar, '/');
                boolean isFolder = Files.isDirectory(file);
                // migrations are found by the entry of their folder
                out.putNextEntry(new ZipEntry(isFolder ? name + "/" : name));
                if (!isFolder) {
                    Files.copy(file, out);
                }
                out.closeEntry();
            }
        }
        Files.move(made, jar);
    }

    private static void archive(Path archive, String path) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("product-archive");
        Path made = FOLDER.resolve("new.jsa");
        Process trial = new ProcessBuilder(
                        JavaCommand.tool("java"),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:ArchiveClassesAtExit=" + made,
                        "-Xlog:cds=off",
                        "-cp",
                        path,
                        EngagementWebhooks.class.getName(),
                        "--trial-run")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (trial.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS)
                    && trial.exitValue() == 0
                    && Files.exists(made)) {
                Files.move(made, archive);
            }
        } finally {
            trial.destroyForcibly();
            Folders.delete(folder);
        }
    }
}
