package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.credential.PrivateFile;
import io.engagementwebhooks.operate.ActiveConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Finds files with secrets that other users of the machine can read. */
final class OpenSecrets {

    /** A key of the configuration file that holds a secret, with a value that is no placeholder. */
    private static final Pattern LITERAL =
            Pattern.compile("(?m)(?:^|[\\s{,-])(?:key|secret|privateKey|clientSecret|password|value)"
                    + "\\s*:[ \\t]+(?![\"']?\\{\\{)(?!#)\\S");

    private OpenSecrets() {}

    static List<String> warnings(Settings settings) {
        List<String> warnings = new ArrayList<>();
        Path config = ActiveConfig.source(settings).file();
        if (isOpen(config) && LITERAL.matcher(text(config)).find()) {
            warnings.add(
                    "profile prod: " + config + " holds secrets as they are and can be read by others than its owner;"
                            + " write {{env:NAME}} or {{file:PATH}} instead, or chmod 600 it");
        }
        for (Path file : settings.filesWithSecrets()) {
            if (isOpen(file) && !isLent(file)) {
                warnings.add("profile prod: " + file
                        + " holds a secret and can be read by others than its owner; chmod 600 it");
            }
        }
        return warnings;
    }

    private static boolean isOpen(Path file) {
        try {
            return Files.isRegularFile(file) && PrivateFile.isReadableByOthers(file);
        } catch (IOException e) {
            return false; // the read reports a missing permission
        }
    }

    /** Whether the file belongs to another user and is readable by our group: Kubernetes mounts secrets so. */
    private static boolean isLent(Path file) {
        try {
            String we = System.getProperty("user.name");
            return !Files.getOwner(file).getName().equals(we)
                    && !Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
