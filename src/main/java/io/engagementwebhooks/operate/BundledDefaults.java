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

/** The editable files in the jar: settings, routes and Kamelets. */
final class BundledDefaults {

    /** Their folder on the class path. */
    static final String FOLDER = "io/engagementwebhooks/defaults/";

    /** Camel's folder of Kamelets on the class path. */
    private static final String KAMELETS = "kamelets/";

    /** The users' folder of Kamelets. */
    private static final String OWN_KAMELETS = "kamelet-catalog/";

    private BundledDefaults() {}

    /**
     * Writes the defaults to a folder, which is created; existing files are not changed.
     *
     * @return the written files
     */
    static List<Path> write(Path to) throws IOException {
        List<Path> written = new ArrayList<>();
        for (String name : names()) {
            Path file = to.resolve(name);
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (InputStream in = BundledDefaults.class.getResourceAsStream(resource(name))) {
                Files.copy(in, file);
                written.add(file);
            } catch (FileAlreadyExistsException e) {
                // exists already
            }
        }
        return written;
    }

    private static String resource(String name) {
        return name.startsWith(OWN_KAMELETS)
                ? "/" + KAMELETS + name.substring(OWN_KAMELETS.length())
                : "/" + FOLDER + name;
    }

    /** The files as {@link #write} names them, sorted. */
    static List<String> names() throws IOException {
        return names(BundledDefaults.class.getResource(Settings.DEFAULTS));
    }

    /** @param properties one of them */
    static List<String> names(URL properties) throws IOException {
        if (properties.openConnection() instanceof JarURLConnection connection) {
            // the jar that classes are loaded from; reopening it would be slow
            try (Stream<JarEntry> entries = connection.getJarFile().stream()) {
                return names(entries.map(ZipEntry::getName));
            }
        }
        try {
            Path folder = Path.of(properties.toURI()).getParent();
            Path root = folder.getParent().getParent().getParent();
            try (Stream<Path> defaults = Files.walk(folder);
                    Stream<Path> kamelets = Files.walk(root.resolve(KAMELETS))) {
                return names(Stream.concat(defaults, kamelets)
                        .filter(Files::isRegularFile)
                        .map(file -> root.relativize(file).toString()));
            }
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static List<String> names(Stream<String> resources) {
        return resources
                .filter(resource -> !resource.endsWith("/"))
                .flatMap(resource -> Stream.of(FOLDER, KAMELETS)
                        .filter(resource::startsWith)
                        .map(folder ->
                                (folder.equals(KAMELETS) ? OWN_KAMELETS : "") + resource.substring(folder.length())))
                .sorted()
                .toList();
    }
}
