package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.jdbc.SqliteStore;
import io.engagementwebhooks.webhook.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads independent parts of the start in the background: the embedded store's native library and the platform's
 * trusted authorities. A caller that needs one waits for it, and reports its failure.
 */
final class Prewarm {

    private static final Logger LOG = LoggerFactory.getLogger(Prewarm.class);

    private Prewarm() {}

    static void begin(Settings settings) {
        if (settings.postgres().isEmpty()) {
            beside(() -> SqliteStore.prepare(settings.storeFile()));
        }
        beside(Tls.DEFAULT::context);
    }

    private static void beside(Runnable task) {
        Thread thread = new Thread(() -> attempt(task), "head-start");
        thread.setDaemon(true);
        thread.start();
    }

    private static void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.debug("not prepared", e);
        }
    }
}
