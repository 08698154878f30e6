package io.engagementwebhooks.operate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which route files run: those of {@code --routes DIR}, else of {@code ./routes} if that exists, else the jar's own.
 *
 * @param folder the folder, or null: the jar's own
 */
record RouteFiles(Path folder) {

    private static final String SUFFIX = ".camel.yaml";

    static RouteFiles of(Path workingFolder, Path named) {
        if (named != null) {
            return new RouteFiles(named.toAbsolutePath());
        }
        Path own = workingFolder.resolve("routes");
        return new RouteFiles(Files.isDirectory(own) ? own : null);
    }

    /** Their locations as Camel names resources, in the order of their names. */
    List<String> locations() {
        if (folder == null) {
            return jarsOwn();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .map(file -> "file:" + file)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> jarsOwn() {
        try {
            return Defaults.names().stream()
                    .filter(name -> name.startsWith("routes/") && name.endsWith(SUFFIX))
                    .map(name -> "classpath:defaults/" + name)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return folder == null ? "the jar's own routes" : folder.toString();
    }
}
