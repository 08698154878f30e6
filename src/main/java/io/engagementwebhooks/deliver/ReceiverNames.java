package io.engagementwebhooks.deliver;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** Resolves host names of receivers before the call, so that no call blocks on DNS. Thread-safe. */
@FunctionalInterface
public interface ReceiverNames {

    /**
     * Looks up the host of a URL.
     *
     * @param account the account that the lookup counts for
     * @return completes, never exceptionally, once the address is cached or the lookup failed; do not block the
     *     completing thread
     */
    CompletableFuture<Void> ready(String account, URI url);
}
