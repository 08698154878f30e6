package io.engagementwebhooks.operate;

import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Properties;

/** Re-keys the store of a folder in a process that dies, as by SIGKILL, right after a step. */
public final class RekeyingKilled {

    static final int DEAD = 9;

    private RekeyingKilled() {}

    /** @param arguments the folder and the step */
    public static void main(String[] arguments) {
        Rekeying.Step last = Rekeying.Step.valueOf(arguments[1]);
        Properties properties = new Properties();
        properties.setProperty("webhooks.store.url", "jdbc:sqlite:" + Path.of(arguments[0], "webhooks.db"));
        Settings settings = Settings.read(Path.of(arguments[0]), Map.of(), properties);
        SqliteStore store = SqliteStore.open(settings.storeFile(), Clock.systemUTC());
        new Rekeying(new StoreKey(settings, store, new SecureRandom()), store, step -> {
                    if (step == last) {
                        Runtime.getRuntime().halt(DEAD);
                    }
                })
                .run();
    }
}
