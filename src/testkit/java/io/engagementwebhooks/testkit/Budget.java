package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Limits how many expensive resources the test processes start together, so that the suite stays fast. Each start adds
 * a byte to a file in the folder of {@code -Dbudget}; {@link SuiteReport} checks the limits at the end. Give the reason
 * for a higher limit in the commit. Thread-safe.
 */
public enum Budget {
    /** Products in the process of the tests. */
    PRODUCTS(135, 164),
    /** Processes of the product. */
    PROCESSES(47, 154),
    /** Databases in PostgreSQL. */
    DATABASES(31, 46),
    /** PostgreSQL servers. */
    SERVERS(6, 12),
    /** Kafka brokers. */
    BROKERS(2, 3);

    private static final Path FOLDER =
            Path.of(System.getProperty("budget", "target/budget/alone")).toAbsolutePath();

    private final int verify;
    private final int all;

    /**
     * @param verify the limit of {@code ./mvnw verify}
     * @param all the limit with all profiles
     */
    Budget(int verify, int all) {
        this.verify = verify;
        this.all = all;
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

    int most(boolean allTests) {
        return allTests ? all : verify;
    }

    int used() throws IOException {
        return Files.exists(file()) ? (int) Files.size(file()) : 0;
    }

    private Path file() {
        return FOLDER.resolve(name().toLowerCase(Locale.ROOT));
    }
}
