package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.ledger.BundledFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The editable files in the jar: settings, routes and Kamelets. */
public final class BundledDefaults {

    /** Their folder on the class path. */
    public static final String FOLDER = "io/engagementwebhooks/defaults/";

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
    public static List<Path> write(Path to) throws IOException {
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

    /** The files as {@link #write} names them, sorted. They are listed: the jar has 43 000 entries to look through. */
    public static List<String> names() {
        return BundledFile.text("/io/engagementwebhooks/defaults.txt").lines().toList();
    }
}
