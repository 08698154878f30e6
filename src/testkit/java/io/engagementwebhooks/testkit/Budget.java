package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * How many expensive things {@code ./mvnw verify} may start in all its processes together, so that the suite does not grow
 * back. Each start adds a byte to a file of {@code target/budget}; {@link SuiteReport} compares at the end. Raise a number
 * only with the reason in the commit. Thread-safe.
 */
public enum Budget {
    /** Products in the process of the tests. */
    PRODUCTS(400),
    /** Processes of the product. */
    PROCESSES(400),
    /** Databases in PostgreSQL. */
    DATABASES(400),
    /** PostgreSQL servers. */
    SERVERS(10),
    /** Kafka brokers. */
    BROKERS(10);

    private static final Path FOLDER = Path.of("target", "budget").toAbsolutePath();

    private final int most;

    Budget(int most) {
        this.most = most;
    }

    /** Counts one start. */
    public void use() {
        try {
            Files.createDirectories(FOLDER);
            Files.write(file(), new byte[] {'+'}, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int most() {
        return most;
    }

    /** How many were started since the last build began to count. */
    int used() {
        try {
            return Files.exists(file()) ? (int) Files.size(file()) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins to count. */
    static void reset() throws IOException {
        for (Budget budget : values()) {
            Files.deleteIfExists(budget.file());
        }
    }

    private Path file() {
        return FOLDER.resolve(name().toLowerCase(Locale.ROOT));
    }
}
