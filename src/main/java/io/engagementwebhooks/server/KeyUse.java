package io.engagementwebhooks.server;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.webhook.ApiKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the last use of each API key, to the second, in memory. {@link #save()} stores it, so that a request costs no
 * write. Keys are identified by their hash: a new key with an old name starts without a last use. Thread-safe.
 */
public final class KeyUse implements AutoCloseable {

    private static final Duration RESOLUTION = Duration.ofSeconds(1);
    /** Uses older than this are dropped. */
    private static final Duration RETENTION = Duration.ofDays(400);

    private static final Logger LOG = LoggerFactory.getLogger(KeyUse.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final Storage store;
    private final Clock clock;
    private final ConcurrentMap<ByteBuffer, Instant> lastUsed = new ConcurrentHashMap<>();
    private final AtomicBoolean changed = new AtomicBoolean();

    /** Stores the last uses. The value contains hashes of keys and must be encrypted. */
    public interface Storage {

        /** The last saved value, or empty. */
        Optional<byte[]> load();

        /** Replaces the saved value. */
        void save(byte[] use);
    }

    /** Loads the saved value. */
    public KeyUse(Storage store, Clock clock) {
        this.store = store;
        this.clock = clock;
        merge();
    }

    /** Merges the saved value, which another instance may have changed. */
    private void merge() {
        store.load()
                .map(KeyUse::read)
                .ifPresent(use -> use.forEach((hash, millis) -> lastUsed.merge(
                        ByteBuffer.wrap(HexFormat.of().parseHex(hash)),
                        Instant.ofEpochMilli(millis),
                        (one, other) -> one.isAfter(other) ? one : other)));
    }

    /** Records a request with a key. */
    void used(ApiKey key) {
        Instant now = clock.instant();
        ByteBuffer hash = ByteBuffer.wrap(key.sha256());
        Instant before = lastUsed.get(hash);
        if (before == null || !now.isBefore(before.plus(RESOLUTION))) {
            lastUsed.merge(hash, now, (one, other) -> one.isAfter(other) ? one : other);
            changed.set(true);
        }
    }

    /** The time of the last use; empty: none is known. */
    public Optional<Instant> lastUsed(ApiKey key) {
        return Optional.ofNullable(lastUsed.get(ByteBuffer.wrap(key.sha256())));
    }

    /** Saves if there are changes. A failure is thrown, and the next call saves again. */
    public void save() {
        if (!changed.getAndSet(false)) {
            return;
        }
        try {
            merge();
            Instant oldest = clock.instant().minus(RETENTION);
            lastUsed.values().removeIf(time -> time.isBefore(oldest));
            Map<String, Long> use = new TreeMap<>();
            lastUsed.forEach((hash, time) -> use.put(HexFormat.of().formatHex(hash.array()), time.toEpochMilli()));
            store.save(JSON.writeValueAsBytes(use));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            changed.set(true);
            throw e;
        }
    }

    /** Saves the last changes. */
    @Override
    public void close() {
        save();
    }

    private static Map<String, Long> read(byte[] use) {
        try {
            return JSON.readValue(use, new TypeReference<>() {});
        } catch (IOException e) {
            LOG.warn("key-use.unreadable: the last use of API keys starts empty: {}", e.getMessage());
            return Map.of();
        }
    }
}
