package io.engagementwebhooks.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A class-data archive of the product, made as the image and bin/engagement-webhooks make it. */
final class Archive implements AutoCloseable {

    private final Path file;

    private Archive(Path file) {
        this.file = file;
    }

    static Archive make(Plan plan) throws IOException {
        Path file = Files.createTempDirectory("bench-archive").resolve("classes.jsa");
        Program.classArchiveRun(plan.with("-XX:ArchiveClassesAtExit=" + file), Measuring.HEAP);
        return new Archive(file);
    }

    Plan usedBy(Plan plan) {
        return plan.with("-XX:SharedArchiveFile=" + file);
    }

    @Override
    public void close() throws IOException {
        Program.delete(file.getParent());
    }
}
