package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedKeyUseTest {

    @Test
    void damaged_key_use_does_not_stop_a_start_and_is_recorded_again(@TempDir Path folder) {
        Vault vault = Vault.make(folder.resolve("key"), new SecureRandom());
        try (SqliteStore store = SqliteStore.open(folder.resolve("webhooks.db"), Clock.systemUTC())) {
            SealedKeyUse use = new SealedKeyUse(store, vault);
            byte[] damaged = vault.seal(new byte[] {1, 2, 3});
            damaged[damaged.length - 1] ^= 1;
            store.settings()
                    .setting(ActiveConfig.KEY_USE, damaged)
                    .toCompletableFuture()
                    .join();

            assertEquals(Optional.empty(), use.load());

            use.save(new byte[] {4});
            assertArrayEquals(new byte[] {4}, use.load().orElseThrow());
        }
    }
}
