package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a key was last used costs no write per request and outlives a restart. */
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
    void it_is_read_back_after_a_restart() {
        use.used(key);
        use.save();
        assertEquals(Optional.of(NOW), new KeyUse(kept, clock).lastUsed(key));
    }

    @Test
    void another_key_of_the_same_name_was_not_used() {
        use.used(key);
        ApiKey successor = ApiKey.of("platform", ApiKey.Role.INGEST, Secret.of("its successor"));
        assertEquals(Optional.empty(), use.lastUsed(successor));
    }

    @Test
    void what_could_not_be_kept_is_kept_the_next_time() {
        use.used(key);
        kept.failing = true;
        assertThrows(IllegalStateException.class, use::save);
        kept.failing = false;
        use.save();
        assertEquals(Optional.of(NOW), new KeyUse(kept, clock).lastUsed(key));
    }

    @Test
    void a_key_that_was_not_used_for_very_long_is_forgotten() {
        use.used(key);
        clock.pass(Duration.ofDays(401));
        use.used(ApiKey.of("other", ApiKey.Role.READ, Secret.of("another key")));
        use.save();
        assertEquals(Optional.empty(), new KeyUse(kept, clock).lastUsed(key));
    }

    @Test
    void what_cannot_be_read_back_stops_nothing() {
        kept.use = "half of it".getBytes(StandardCharsets.UTF_8);
        assertEquals(Optional.empty(), new KeyUse(kept, clock).lastUsed(key));
    }

    private static final class InMemory implements KeyUse.Kept {
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
