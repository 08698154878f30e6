package io.engagementwebhooks.secrets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All that a product let out, by where it was seen; searched for a marker. Thread-safe. */
final class Emitted {

    private final Map<String, String> seen = Collections.synchronizedMap(new LinkedHashMap<>());

    void add(String where, String text) {
        seen.merge(where, text, (before, more) -> before + "\n" + more);
    }

    /** Bytes, each as a character, so that what is between binary is found too. */
    void add(String where, byte[] bytes) {
        add(where, new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** The files of a folder, down to some depth, and their names. */
    void addFiles(Path folder, int depth, Predicate<Path> which) {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            addFiles(files.filter(Files::isRegularFile).filter(which).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files right in a folder that is others' too, whose files come and go. */
    void addFilesOfShared(Path folder, Predicate<Path> which) {
        try (Stream<Path> files = Files.list(folder)) {
            addFiles(files.filter(Files::isRegularFile).filter(which).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void addFiles(List<Path> files) throws IOException {
        for (Path file : files) {
            add("file " + file, file + "\n");
            try {
                add("file " + file, Files.readAllBytes(file));
            } catch (NoSuchFileException gone) {
                continue;
            }
        }
    }

    int places() {
        return seen.size();
    }

    long characters() {
        synchronized (seen) {
            return seen.values().stream().mapToLong(String::length).sum();
        }
    }

    boolean has(String where) {
        return seen.keySet().stream().anyMatch(place -> place.contains(where));
    }

    boolean has(String where, String text) {
        return seen.entrySet().stream()
                .anyMatch(one -> one.getKey().contains(where) && one.getValue().contains(text));
    }

    String at(String where) {
        return seen.getOrDefault(where, "");
    }

    /** Where the marker was let out; empty: nowhere. */
    List<String> leaks(Marker marker) {
        List<String> leaks = new ArrayList<>();
        synchronized (seen) {
            seen.forEach(
                    (where, text) -> marker.in(where + "\n" + text).forEach(found -> leaks.add(where + ": " + found)));
        }
        return leaks;
    }
}
