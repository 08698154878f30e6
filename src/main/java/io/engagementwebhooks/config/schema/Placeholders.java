package io.engagementwebhooks.config.schema;

import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.webhook.template.Utf8Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;

/**
 * Resolves a value that is exactly one <code>{{env:NAME}}</code>, <code>{{file:PATH}}</code> or <code>{{prop}}</code>.
 * Called once per occurrence; placeholders in the result are not replaced.
 */
@FunctionalInterface
public interface Placeholders {

    /** The largest file used as a value, in bytes. */
    int LONGEST_FILE = 64 * 1024;

    /** Prefix for files of bytes, such as a key store, returned as Base64. */
    String BYTES_OF_FILE = "base64-file:";

    /** Replaces nothing. */
    Placeholders NONE = name -> Optional.empty();

    /**
     * The value, or empty if there is none.
     *
     * @param name the text between the braces: {@code env:NAME}, {@code file:PATH}, or the name of a property
     */
    Optional<String> value(String name);

    /**
     * Environment variables, files and properties.
     *
     * @param environment environment variables by name
     * @param folder the base of relative paths
     * @param properties properties by name
     */
    static Placeholders of(
            Function<String, Optional<String>> environment,
            Path folder,
            Function<String, Optional<String>> properties) {
        return name -> {
            if (name.startsWith("env:")) {
                return environment.apply(name.substring("env:".length()));
            }
            if (name.startsWith(BYTES_OF_FILE)) {
                return bytes(folder, name.substring(BYTES_OF_FILE.length())).map(Base64.getEncoder()::encodeToString);
            }
            return name.startsWith("file:") ? text(folder, name.substring("file:".length())) : properties.apply(name);
        };
    }

    /** The file's text without the final line break, which editors add. */
    private static Optional<String> text(Path folder, String file) {
        return bytes(folder, file).flatMap(Utf8Text::decoded).map(text -> text.replaceFirst("\\R\\z", ""));
    }

    private static Optional<byte[]> bytes(Path folder, String file) {
        try {
            Path path = folder.resolve(file);
            return Files.size(path) > LONGEST_FILE ? Optional.empty() : Optional.of(Files.readAllBytes(path));
        } catch (IOException e) {
            FileDescriptors.OF_PROCESS.check("reading " + file, e);
            return Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
