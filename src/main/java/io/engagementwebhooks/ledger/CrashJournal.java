package io.engagementwebhooks.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the evaluations that run when the process crashes. Each evaluation writes its subject to a memory-mapped
 * file, which survives the process without a write to disk; the next start reads it. A subject of {@value #MAX_CRASHES}
 * crashes is quarantined once. A completed evaluation clears its entry.
 *
 * <p>Thread-safe without a lock.
 */
public final class CrashJournal implements AutoCloseable {

    /** Records nothing, where no file can be written. */
    public static final CrashJournal NONE = new CrashJournal(null, null);

    /** Number of crashes until the quarantine. */
    static final int MAX_CRASHES = 2;

    private static final Logger LOG = LoggerFactory.getLogger(CrashJournal.class);

    /** Limit of concurrent evaluations; further ones are not recorded. */
    private static final int SLOTS = 512;

    private static final int SUSPECTS = 512;

    /** Size of a record: a byte for the length, one for the count, and the last characters of the subject. */
    private static final int RECORD_BYTES = 128;

    private static final int MAX_SUBJECT = RECORD_BYTES - 2;
    private static final int FILE_BYTES = (SLOTS + SUSPECTS) * RECORD_BYTES;
    private static final int NO_SLOT = -1;

    private final FileChannel file;
    private final MappedByteBuffer records;
    private final AtomicIntegerArray usedSlots = new AtomicIntegerArray(SLOTS);
    private final Map<String, Suspect> suspects = new ConcurrentHashMap<>();

    /** @param record its index in the file @param crashes the number of crashes during its evaluation */
    private record Suspect(int record, int crashes) {}

    private CrashJournal(FileChannel file, MappedByteBuffer records) {
        this.file = file;
        this.records = records;
    }

    /**
     * Opens the file, and counts the evaluations that the last process did not complete. A file that is not writable or
     * in use disables this with a line in the log.
     */
    public static CrashJournal open(Path path) {
        try {
            return new CrashJournal(path);
        } catch (IOException | OverlappingFileLockException | UnsupportedOperationException e) {
            LOG.warn(
                    "crash-journal.off file={} {}: evaluations that crash the process twice are not quarantined; make its folder writable",
                    path,
                    e.toString());
            return NONE;
        }
    }

    private CrashJournal(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
        this.file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (file.tryLock() == null) {
                throw new IOException("another process uses it");
            }
            // written now: a page without space on a full disk would crash the process later
            for (long size = file.size(); size < FILE_BYTES; size = file.size()) {
                file.write(ByteBuffer.allocate((int) (FILE_BYTES - size)), size);
            }
            this.records = file.map(MapMode.READ_WRITE, 0, FILE_BYTES);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        countCrashes();
    }

    private void countCrashes() {
        Map<String, Integer> crashes = new LinkedHashMap<>();
        for (int record = SLOTS; record < SLOTS + SUSPECTS; record++) {
            String subject = subject(record);
            if (subject != null) {
                crashes.put(subject, (int) records.get(record * RECORD_BYTES + 1));
            }
        }
        for (int slot = 0; slot < SLOTS; slot++) {
            String subject = subject(slot);
            if (subject != null) {
                int count = crashes.getOrDefault(subject, 0) + 1;
                // moved to the end: the oldest are dropped if there are too many
                crashes.remove(subject);
                crashes.put(subject, Math.min(count, MAX_CRASHES));
                LOG.warn("evaluation.crashed subject={} crashes={}", subject, count);
            }
        }
        storeSuspects(crashes);
        for (int slot = 0; slot < SLOTS; slot++) {
            clear(slot);
        }
    }

    private void storeSuspects(Map<String, Integer> crashes) {
        int dropped = Math.max(0, crashes.size() - SUSPECTS);
        int[] record = {SLOTS};
        crashes.entrySet().stream().skip(dropped).forEach(suspect -> {
            write(record[0], suspect.getKey(), suspect.getValue());
            suspects.put(suspect.getKey(), new Suspect(record[0], suspect.getValue()));
            record[0]++;
        });
        while (record[0] < SLOTS + SUSPECTS) {
            clear(record[0]++);
        }
    }

    /**
     * Begins an evaluation.
     *
     * @return its slot, for {@link #end}
     * @throws QuarantinedException if its evaluation crashed {@value #MAX_CRASHES} times; the next one is allowed
     */
    int begin(String subject) {
        if (records == null) {
            return NO_SLOT;
        }
        String name = name(subject);
        Suspect suspect = suspects.get(name);
        if (suspect != null && suspect.crashes() >= MAX_CRASHES) {
            removeSuspect(name);
            LOG.warn("evaluation.quarantined subject={}", name);
            throw new QuarantinedException();
        }
        int slot = takeSlot();
        if (slot != NO_SLOT) {
            write(slot, name, 1);
        }
        return slot;
    }

    /** Ends an evaluation. @param completed whether it was evaluated, which clears the suspicion */
    void end(int slot, String subject, boolean completed) {
        if (slot == NO_SLOT) {
            return;
        }
        clear(slot);
        usedSlots.set(slot, 0);
        if (completed && !suspects.isEmpty()) {
            removeSuspect(name(subject));
        }
    }

    private int takeSlot() {
        int first = (int) (Thread.currentThread().getId() % SLOTS);
        for (int i = 0; i < SLOTS; i++) {
            int slot = (first + i) % SLOTS;
            if (usedSlots.compareAndSet(slot, 0, 1)) {
                return slot;
            }
        }
        return NO_SLOT;
    }

    private void removeSuspect(String name) {
        Suspect suspect = suspects.remove(name);
        if (suspect != null) {
            clear(suspect.record());
        }
    }

    private static String name(String subject) {
        String end = subject.length() <= MAX_SUBJECT ? subject : subject.substring(subject.length() - MAX_SUBJECT);
        return end.chars().allMatch(c -> c <= 0xFF) ? end : read(written(end));
    }

    private static byte[] written(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String read(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /** Writes the length last: until then the record is empty. */
    private void write(int record, String name, int count) {
        byte[] bytes = written(name);
        int at = record * RECORD_BYTES;
        records.put(at + 2, bytes);
        records.put(at + 1, (byte) count);
        records.put(at, (byte) bytes.length);
    }

    private void clear(int record) {
        records.put(record * RECORD_BYTES, (byte) 0);
    }

    private String subject(int record) {
        int length = records.get(record * RECORD_BYTES);
        if (length <= 0 || length > MAX_SUBJECT) {
            return null;
        }
        byte[] bytes = new byte[length];
        records.get(record * RECORD_BYTES + 2, bytes);
        return read(bytes);
    }

    /** Clears the evaluations in progress, which a clean shutdown does not suspect. */
    @Override
    public void close() throws IOException {
        if (records == null) {
            return;
        }
        for (int slot = 0; slot < SLOTS; slot++) {
            clear(slot);
        }
        file.close();
    }
}
