package io.engagementwebhooks.operate;

import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.store.jdbc.SqliteStore;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.config.ConfigFaults;
import io.engagementwebhooks.webhook.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads independent parts of the start in the background: the embedded store's native library and the platform's
 * trusted authorities, for which a caller waits, and the classes that read the configuration file.
 */
final class Prewarm {

    private static final Logger LOG = LoggerFactory.getLogger(Prewarm.class);

    /** In bytes; reading a larger file twice takes longer than loading the classes. */
    private static final long LARGE_FILE = 1 << 20;

    private Prewarm() {}

    static void begin(Settings settings) {
        if (settings.postgres().isEmpty()) {
            beside(() -> SqliteStore.prepare(settings.storeFile()));
        }
        beside(Tls.DEFAULT::context);
        beside(() -> readConfig(settings));
    }

    /** Its result and faults are not used: the file is read again when the store is open. */
    private static void readConfig(Settings settings) {
        ConfigFile.Source source = ActiveConfig.source(settings);
        try {
            // a pipe is read once
            if (!Files.isRegularFile(source.file()) || Files.size(source.file()) > LARGE_FILE) {
                return;
            }
            ActiveConfig.reader(settings, new EgressRules(settings.egress()), Clock.systemUTC())
                    .read(source.file(), source.placeholders());
        } catch (ConfigFaults | IOException e) {
            LOG.debug("not prepared", e);
        }
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
