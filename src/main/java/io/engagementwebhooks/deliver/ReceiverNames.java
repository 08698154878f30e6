package io.engagementwebhooks.deliver;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** Resolves host names of receivers before the call, so that no call waits for a lookup. Thread-safe. */
@FunctionalInterface
public interface ReceiverNames {

    /**
     * Looks up the host of a URL.
     *
     * @param account whose lookup it is
     * @return completed when a call can be made, or fails, without waiting for its address; never fails itself. The thread
     *     that completes it must not be held up
     */
    CompletableFuture<Void> ready(String account, URI url);
}
