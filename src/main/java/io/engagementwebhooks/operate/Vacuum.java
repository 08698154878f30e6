package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.Store;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Step {@code free-pages}: returns free pages to the file system, some megabytes at a time. Thread-safe. */
public record Vacuum(Store store) implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(Vacuum.class);
    private static final int PAGES = 1_000;
    private static final int MOST_STEPS = 2_000;

    @Override
    public void process(Exchange exchange) {
        long before = store.size();
        int steps = 0;
        while (steps < MOST_STEPS && exchange.getContext().isStarted() && freed() > 0) {
            steps++;
        }
        LOG.info("vacuum.done bytes-before={} bytes-after={}", before, store.size());
    }

    private int freed() {
        return store.vacuum(PAGES).toCompletableFuture().join();
    }
}
