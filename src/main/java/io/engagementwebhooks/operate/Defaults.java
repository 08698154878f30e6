package io.engagementwebhooks.operate;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What users edit, as the jar carries it. */
final class Defaults {

    private Defaults() {}

    /**
     * Writes the defaults to a folder, which is made; files that are there already stay as they are.
     *
     * @return what was written
     */
    static List<Path> write(Path to) throws IOException {
        List<Path> written = new ArrayList<>();
        for (String name : names()) {
            Path file = to.resolve(name);
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (InputStream in = Defaults.class.getResourceAsStream("/defaults/" + name)) {
                Files.copy(in, file);
                written.add(file);
            } catch (FileAlreadyExistsException e) {
                // theirs
            }
        }
        return written;
    }

    /** Names below {@code defaults/}, sorted. */
    static List<String> names() throws IOException {
        try {
            URL properties = Defaults.class.getResource(Settings.DEFAULTS);
            URI location = properties.toURI();
            if (location.getScheme().equals("file")) {
                return names(Path.of(location).getParent());
            }
            try (FileSystem jar = FileSystems.newFileSystem(location, java.util.Map.of())) {
                return names(jar.getPath("/defaults"));
            }
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static List<String> names(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
