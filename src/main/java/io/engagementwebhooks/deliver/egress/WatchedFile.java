package io.engagementwebhooks.deliver.egress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The parsed content of a small file, reloaded within two seconds after a change.
 * Thread-safe.
 */
final class WatchedFile<T> implements Supplier<T> {

    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Path file;
    private final Function<Path, T> parser;
    private final AtomicReference<State<T>> state = new AtomicReference<>();

    private record State<T>(T content, FileTime changed, long checkedAt) {}

    /** @param parser never fails */
    WatchedFile(Path file, Function<Path, T> parser) {
        this.file = file;
        this.parser = parser;
    }

    @Override
    public T get() {
        State<T> known = state.get();
        long now = System.nanoTime();
        if (known != null && now - known.checkedAt() < CHECK_NANOS) {
            return known.content();
        }
        FileTime changed = changed();
        T content = known != null && known.changed().equals(changed) ? known.content() : parser.apply(file);
        state.set(new State<>(content, changed, now));
        return content;
    }

    private FileTime changed() {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
