package io.engagementwebhooks.credential;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file that only its owner may read. A write is synced to disk, with its folder entry, when it returns. */
public final class PrivateFile {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_ONLY_FOLDER = PosixFilePermissions.fromString("rwx------");

    private PrivateFile() {}

    /** Replaces the file atomically. Creates its folder. */
    public static void write(Path file, byte[] content) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        makeFolder(folder);
        Path fresh = folder.resolve(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        writeThrough(fresh, content);
        replace(fresh, file);
    }

    /** Replaces a file by another one of the same folder, synced to disk. */
    public static void replace(Path fresh, Path file) throws IOException {
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        writeEntryThrough(file);
    }

    /**
     * As {@link #replace}, for a file that is synced already, and without replacing.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is a file of that name
     */
    public static void publish(Path fresh, Path file) throws IOException {
        Files.move(fresh, file);
        writeEntryThrough(file);
    }

    private static void writeEntryThrough(Path file) throws IOException {
        if (isPosix()) {
            try (FileChannel entry = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                entry.force(true);
            }
        }
    }

    private static void writeThrough(Path fresh, byte[] content) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(fresh, options, attributes(OWNER_ONLY))) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }

    /** Creates missing folders, accessible only to their owner. */
    public static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, attributes(OWNER_ONLY_FOLDER));
        }
    }

    /** Creates an empty file if it is missing. */
    public static void make(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, attributes(OWNER_ONLY));
        }
    }

    /** Whether every user of the machine may read it, by its permissions and those of its folder; false if unknown. */
    public static boolean isReadableByAll(Path file) throws IOException {
        return isReadableBy(file, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_EXECUTE);
    }

    /** As {@link #isReadableByAll}, of the users in the file's group. */
    public static boolean isReadableByGroup(Path file) throws IOException {
        return isReadableBy(file, PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_EXECUTE);
    }

    private static boolean isReadableBy(Path file, PosixFilePermission read, PosixFilePermission enter)
            throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        return isPosix()
                && Files.getPosixFilePermissions(file).contains(read)
                && Files.getPosixFilePermissions(folder).contains(enter);
    }

    /** Whether others than the owner may read it; false if unknown. */
    public static boolean isReadableByOthers(Path file) throws IOException {
        return isPosix() && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file));
    }

    private static FileAttribute<?>[] attributes(Set<PosixFilePermission> permissions) {
        return isPosix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }
}
