package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.LruMap;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;

/** An LRU set of {@value #KEPT} texts. It stores hashes, so it takes at most about 1 MiB. Thread-safe. */
final class RecentSet {

    static final int KEPT = 10_000;

    private final Map<UUID, Boolean> texts = new LruMap<>(KEPT);

    synchronized void add(String text) {
        texts.put(hash(text), true);
    }

    synchronized boolean contains(String text) {
        return texts.get(hash(text)) != null;
    }

    private static UUID hash(String text) {
        ByteBuffer hash = ByteBuffer.wrap(Sha256.of(text));
        return new UUID(hash.getLong(), hash.getLong());
    }
}
