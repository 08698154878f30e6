package io.engagementwebhooks.api.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A request that a test inbox received. Immutable; holds the credentials that were sent.
 *
 * @param at when it was received
 * @param target path and query
 * @param headers by name in lower case, in the order received
 */
record ReceivedRequest(Instant at, String method, String target, Map<String, List<String>> headers, byte[] body) {

    /** Bytes of objects besides text and body. */
    private static final int OVERHEAD = 512;

    /** Memory in bytes. */
    long size() {
        long text = headers.entrySet().stream()
                .mapToLong(header -> header.getKey().length()
                        + header.getValue().stream()
                                .mapToLong(value -> OVERHEAD / 8 + value.length())
                                .sum())
                .sum();
        return OVERHEAD + target.length() + text + body.length;
    }
}
