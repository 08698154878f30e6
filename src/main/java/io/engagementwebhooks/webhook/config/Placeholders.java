package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.ledger.FileDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a value that is exactly one <code>{{env:NAME}}</code>, <code>{{file:PATH}}</code> or <code>{{prop}}</code> stands
 * for. Asked once per occurrence; the answer is not looked into again.
 */
@FunctionalInterface
public interface Placeholders {

    /** Longest file that is taken as a value. */
    int LONGEST_FILE = 64 * 1024;

    /** Where a value may be a file of bytes, such as a key store, it is asked for by this and its path, as Base64. */
    String BYTES_OF_FILE = "base64-file:";

    /** There are none, and what looks like one is a text like any other. */
    Placeholders NONE = name -> Optional.empty();

    /**
     * The value, or empty if there is none.
     *
     * @param name what stands between the braces: {@code env:NAME}, {@code file:PATH}, or the name of a property
     */
    Optional<String> value(String name);

    /**
     * The usual ones.
     *
     * @param environment environment variables by name
     * @param folder what relative paths are relative to
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

    /** The file's text without the line break at its end, which editors add and secrets do not have. */
    private static Optional<String> text(Path folder, String file) {
        return bytes(folder, file).flatMap(Placeholders::utf8).map(text -> text.replaceFirst("\\R\\z", ""));
    }

    private static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
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
