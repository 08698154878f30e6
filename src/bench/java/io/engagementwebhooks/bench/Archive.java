package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A class-data archive of the product, made by one run of it as JDK 17 does. */
final class Archive implements AutoCloseable {

    private final Path file;

    private Archive(Path file) {
        this.file = file;
    }

    static Archive make(Plan plan, Vertx vertx) throws Exception {
        Path file = Files.createTempDirectory("bench-archive").resolve("classes.jsa");
        StartSection.once(plan.with("-XX:ArchiveClassesAtExit=" + file), vertx);
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
