package io.engagementwebhooks.operate;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.server.KeyUse;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps once a minute, and at the end, when API keys were last used. */
final class KeyUseSaving implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyUseSaving.class);

    private final KeyUse use;
    private final ScheduledExecutorService timer;

    KeyUseSaving(KeyUse use) {
        this.use = use;
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "key-use");
            thread.setDaemon(true);
            return thread;
        });
        timer.scheduleWithFixedDelay(FatalErrors.watched(this::save), 1, 1, TimeUnit.MINUTES);
    }

    private void save() {
        try {
            use.save();
        } catch (RuntimeException e) {
            LOG.warn("when API keys were last used could not be kept; it is tried again: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        timer.shutdown();
        save();
    }
}
