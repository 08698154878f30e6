package io.engagementwebhooks.operate;

import io.engagementwebhooks.config.ConfigFile;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.webhook.auth.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins independent parts of the start in background threads. A caller waits for SQLite's native library and for the
 * platform's trusted authorities. The configuration file is parsed only to load the classes that do so.
 */
final class Prewarm {

    private static final Logger LOG = LoggerFactory.getLogger(Prewarm.class);

    /** The largest file that is parsed in advance, in bytes. A larger one takes longer than the classes. */
    private static final long MAX_FILE = 64 * 1024;

    private Prewarm() {}

    static void begin(Settings settings) {
        if (settings.postgres().isEmpty()) {
            beside(Executors.callable(() -> SqliteStore.prepare(settings.storeFile())));
        }
        beside(Tls.DEFAULT::context);
        beside(() -> parse(settings));
    }

    /** Result and faults are not used: the file is parsed again when the store is open. */
    private static Void parse(Settings settings) throws IOException, ConfigFaults {
        ConfigFile.Source source = ActiveConfig.source(settings);
        // not a pipe, which would block
        if (Files.isRegularFile(source.file()) && Files.size(source.file()) <= MAX_FILE) {
            ActiveConfig.reader(settings, ConfigCheck.rules(settings), Clock.systemUTC())
                    .read(source.file(), source.placeholders());
        }
        return null;
    }

    private static void beside(Callable<?> task) {
        Thread thread = new Thread(FatalErrors.checked(() -> attempt(task)), "head-start");
        thread.setDaemon(true);
        thread.start();
    }

    private static void attempt(Callable<?> task) {
        try {
            task.call();
        } catch (Exception | LinkageError | StackOverflowError e) {
            FatalErrors.check(e);
            LOG.debug("prewarm.failed", e);
        }
    }
}
