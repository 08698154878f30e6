package io.engagementwebhooks.ledger;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects failures for lack of file descriptors. They are failures of this process, not of a receiver, and are logged
 * once a minute with a count. Thread-safe.
 */
public final class FileDescriptors {

    private static final Logger LOG = LoggerFactory.getLogger(FileDescriptors.class);

    /** The system's message for EMFILE and ENFILE. */
    private static final String NONE_LEFT = "Too many open files";

    /** Below this, the files of the process and the callers' connections need the other half. */
    private static final int FEW = 512;

    private static final Path ANY_FILE = Path.of("/dev/null");

    /** The instance of the process. */
    public static final FileDescriptors OF_PROCESS = new FileDescriptors();

    private final LongAdder failures = new LongAdder();
    private final MinuteCounter sinceLogged = new MinuteCounter();

    FileDescriptors() {}

    /** The limit of the process, or -1: unknown. */
    public static long limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : -1;
    }

    /**
     * Limits a number of connections to four fifths of the descriptors, or half of few, with a line in the log.
     *
     * @param setting the setting for the number
     */
    public static int within(int connections, String setting) {
        return within(connections, setting, limit());
    }

    static int within(int connections, String setting, long limit) {
        long most = limit < 0 ? connections : limit < FEW ? limit / 2 : limit * 4 / 5;
        if (connections <= most) {
            return connections;
        }
        LOG.info(
                "process.file-descriptors limit={}: {} is {} and not {}; raise the limit (ulimit -n)",
                limit,
                setting,
                most,
                connections);
        return (int) most;
    }

    /** The number of such failures since the start. */
    public long failures() {
        return failures.sum();
    }

    /**
     * Whether a failure was caused by lack of file descriptors; counts it.
     *
     * @param doing the failed action, for the log, such as "opening a connection"
     */
    public boolean ranOut(String doing, Throwable failure) {
        if (!isExhausted(failure)) {
            return false;
        }
        failures.increment();
        sinceLogged
                .next()
                .ifPresent(count -> LOG.error(
                        "process.out-of-file-descriptors doing=\"{}\" count={} limit={}: raise the limit (ulimit -n),"
                                + " or lower webhooks.server.max-connections",
                        doing,
                        count,
                        limit()));
        return true;
    }

    /**
     * Throws {@link NoneLeftException} if a file could not be read for lack of descriptors, which says nothing about
     * the file.
     */
    public void check(String doing, IOException failure) {
        if (ranOut(doing, failure)) {
            throw new NoneLeftException(failure);
        }
    }

    /** No file descriptor is available; a retry may succeed. */
    public static final class NoneLeftException extends UncheckedIOException {

        private static final long serialVersionUID = 1L;

        NoneLeftException(IOException cause) {
            super("there is no file descriptor left", cause);
        }
    }

    private static boolean isExhausted(Throwable failure) {
        return Causes.anyMessageContains(failure, NONE_LEFT) || mayHideReason(failure) && cannotOpenFile();
    }

    /** Whether the failure may hide the reason: the system's resolver and SQLite do not report it. */
    private static boolean mayHideReason(Throwable failure) {
        return Causes.of(failure).anyMatch(UnknownHostException.class::isInstance)
                || Causes.anyMessageContains(failure, "SQLITE_CANTOPEN");
    }

    /** Checks whether a file can be opened. */
    private static boolean cannotOpenFile() {
        if (!Files.exists(ANY_FILE)) {
            return false;
        }
        try (FileInputStream file = new FileInputStream(ANY_FILE.toFile())) {
            return file.available() < 0;
        } catch (IOException e) {
            return true;
        }
    }
}
