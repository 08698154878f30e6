package io.engagementwebhooks.operate;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** What users edit, as the jar carries it. */
final class BundledDefaults {

    private static final String FOLDER = "defaults/";

    private BundledDefaults() {}

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
            try (InputStream in = BundledDefaults.class.getResourceAsStream("/defaults/" + name)) {
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
        return names(BundledDefaults.class.getResource(Settings.DEFAULTS));
    }

    /** @param properties one of them */
    static List<String> names(URL properties) throws IOException {
        if (properties.openConnection() instanceof JarURLConnection connection) {
            // the jar that classes are loaded from anyway: to open it anew takes as long as half the route files
            try (Stream<JarEntry> entries = connection.getJarFile().stream()) {
                return entries.map(ZipEntry::getName)
                        .filter(name -> name.startsWith(FOLDER) && !name.endsWith("/"))
                        .map(name -> name.substring(FOLDER.length()))
                        .sorted()
                        .toList();
            }
        }
        try {
            return names(Path.of(properties.toURI()).getParent());
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
