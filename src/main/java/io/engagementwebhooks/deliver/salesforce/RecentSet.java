package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.LruMap;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;

/**
 * An LRU set of {@value #KEPT} texts. It stores hashes, so it takes at most about 2 MiB. Thread-safe.
 *
 * @param prefix of the texts of this view
 * @param hashes of all views
 */
record RecentSet(String prefix, Map<UUID, Boolean> hashes) {

    static final int KEPT = 20_000;

    RecentSet() {
        this("", new LruMap<>(KEPT));
    }

    /** A view with its own texts, which evict those of others. */
    RecentSet within(String part) {
        return new RecentSet(prefix + part, hashes);
    }

    void add(String text) {
        UUID hash = hash(text);
        synchronized (hashes) {
            hashes.put(hash, true);
        }
    }

    boolean contains(String text) {
        UUID hash = hash(text);
        synchronized (hashes) {
            return hashes.get(hash) != null;
        }
    }

    private UUID hash(String text) {
        ByteBuffer hash = ByteBuffer.wrap(Sha256.of(prefix + text));
        return new UUID(hash.getLong(), hash.getLong());
    }
}
