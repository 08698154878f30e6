package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The last use of a key costs no write per request and survives a restart. */
class KeyUseTest {

    private static final Instant NOW = Instant.parse("2026-11-24T09:00:00Z");

    private final SettableClock clock = new SettableClock(NOW);
    private final InMemory kept = new InMemory();
    private final KeyUse use = new KeyUse(kept, clock);
    private final ApiKey key = ApiKey.of("platform", ApiKey.Role.INGEST, Secret.of("a key of the platform"));

    @Test
    void a_thousand_requests_are_one_write() {
        for (int i = 0; i < 1000; i++) {
            use.used(key);
            clock.pass(Duration.ofMillis(10));
        }
        use.save();
        use.save();
        assertEquals(1, kept.writes);
        assertEquals(NOW.plusSeconds(9), use.lastUsed(key).orElseThrow());
    }

    @Test
    void last_uses_survive_a_restart() {
        use.used(key);
        use.save();
        assertEquals(Optional.of(NOW), new KeyUse(kept, clock).lastUsed(key));
    }

    @Test
    void another_key_of_the_same_name_has_no_last_use() {
        use.used(key);
        ApiKey successor = ApiKey.of("platform", ApiKey.Role.INGEST, Secret.of("its successor"));
        assertEquals(Optional.empty(), use.lastUsed(successor));
    }

    @Test
    void a_failed_save_is_repeated() {
        use.used(key);
        kept.failing = true;
        assertThrows(IllegalStateException.class, use::save);
        kept.failing = false;
        use.save();
        assertEquals(Optional.of(NOW), new KeyUse(kept, clock).lastUsed(key));
    }

    @Test
    void a_key_unused_for_very_long_is_dropped() {
        use.used(key);
        clock.pass(Duration.ofDays(401));
        use.used(ApiKey.of("other", ApiKey.Role.READ, Secret.of("another key")));
        use.save();
        assertEquals(Optional.empty(), new KeyUse(kept, clock).lastUsed(key));
    }

    @Test
    void an_unreadable_value_starts_empty() {
        kept.use = "half of it".getBytes(StandardCharsets.UTF_8);
        assertEquals(Optional.empty(), new KeyUse(kept, clock).lastUsed(key));
    }

    private static final class InMemory implements KeyUse.Storage {
        private byte[] use;
        private int writes;
        private boolean failing;

        @Override
        public Optional<byte[]> load() {
            return Optional.ofNullable(use);
        }

        @Override
        public void save(byte[] bytes) {
            if (failing) {
                throw new IllegalStateException("the store is away");
            }
            use = bytes;
            writes++;
        }
    }
}
