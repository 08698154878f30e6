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
 * File descriptors of the process, one for each socket and file. A failure without a free descriptor is ours, not
 * the receiver's. It is logged once a minute with a count. Thread-safe.
 */
public final class FileDescriptors {

    private static final Logger LOG = LoggerFactory.getLogger(FileDescriptors.class);

    /** How the system says it (EMFILE, ENFILE). */
    private static final String NONE_LEFT = "Too many open files";

    private static final Path ANY_FILE = Path.of("/dev/null");

    /** Of the process. */
    public static final FileDescriptors OF_PROCESS = new FileDescriptors();

    private final LongAdder failures = new LongAdder();
    private final MinuteCounter sinceLogged = new MinuteCounter();

    FileDescriptors() {}

    /** How many the process may have, or -1: not known. */
    public static long limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : -1;
    }

    /** As many connections as are asked for, or four fifths of the limit, with a line in the log. @param setting that asks for them */
    public static int within(int connections, String setting) {
        long most = limit() < 0 ? connections : limit() * 4 / 5;
        if (connections <= most) {
            return connections;
        }
        LOG.info(
                "process.file-descriptors limit={}: {} is {} and not {}; raise the limit (ulimit -n)",
                limit(),
                setting,
                most,
                connections);
        return (int) most;
    }

    /** How often something failed for want of one, since the start. */
    public long failures() {
        return failures.sum();
    }

    /**
     * Whether something failed because there was no file descriptor left; if so, it is counted.
     *
     * @param doing what failed, for the log, such as "opening a connection"
     */
    public boolean ranOut(String doing, Throwable failure) {
        if (!isWantOfOne(failure)) {
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

    /** Throws {@link NoneLeftException} if a file could not be read for want of one: that says nothing about the file. */
    public void check(String doing, IOException failure) {
        if (ranOut(doing, failure)) {
            throw new NoneLeftException(failure);
        }
    }

    /** There was no file descriptor left; try again later. */
    public static final class NoneLeftException extends UncheckedIOException {

        private static final long serialVersionUID = 1L;

        NoneLeftException(IOException cause) {
            super("there is no file descriptor left", cause);
        }
    }

    private static boolean isWantOfOne(Throwable failure) {
        return Causes.says(failure, NONE_LEFT) || hidesTheReason(failure) && areGone();
    }

    /** The resolver of the system and SQLite do not say why they could not open a file. */
    private static boolean hidesTheReason(Throwable failure) {
        return Causes.of(failure).anyMatch(UnknownHostException.class::isInstance)
                || Causes.says(failure, "SQLITE_CANTOPEN");
    }

    /** Runs the task. */
    private static boolean areGone() {
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
