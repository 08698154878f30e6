package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The one product of this process; tests get accounts in it by {@link RunningProduct#shared}. Thread-safe. */
final class SharedProduct {

    private static RunningProduct product;

    private SharedProduct() {}

    /** Starts it if it is not there yet. */
    static synchronized RunningProduct get() {
        if (product == null) {
            start();
        }
        return product;
    }

    private static void start() {
        try {
            Path folder = Files.createTempDirectory("shared-product");
            product = RunningProduct.start(
                    folder,
                    "accounts:\n  - id: of-no-test\n",
                    // a separate set of meters for each webhook of every test
                    "webhooks.metrics.webhooks=0",
                    // receivers that are asked for permission get a callback there
                    "webhooks.console.url=https://webhooks.example.com",
                    // no broker is there
                    "webhooks.deliver.kamelets=kafka-sink",
                    "webhooks.deliver.kamelet.kafka-sink.bootstrapServers=127.0.0.1:1",
                    "webhooks.deliver.kamelet.kafka-sink.open=topic,saslPassword",
                    "webhooks.operator-key=" + RunningProduct.OPERATOR);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(folder)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void stop(Path folder) {
        product.close();
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
