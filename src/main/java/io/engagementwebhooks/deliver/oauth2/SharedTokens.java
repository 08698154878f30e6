package io.engagementwebhooks.deliver.oauth2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares tokens among instances: one requests a token, the others use it. An instance requests its own if the store is
 * unreachable or the other takes too long. No thread waits for the endpoint or the other instance. Thread-safe.
 *
 * @param patience the longest wait for another instance
 */
record SharedTokens(TokenSharing sharing, Clock clock, Duration patience) {

    private static final Logger LOG = LoggerFactory.getLogger(SharedTokens.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final long FIRST_POLL_MS = 50;
    private static final long LONGEST_POLL_MS = 1_000;

    /**
     * A token newer than the former one, from another instance or from the endpoint. Fails like the request.
     *
     * @param former the former token, or null
     * @param threads call the store
     * @param request requests a token from the endpoint; its future is completed on the threads
     */
    CompletableFuture<Token> newer(
            Token former, OAuthClient client, Executor threads, Supplier<CompletableFuture<Token>> request) {
        return new Search(CacheKey.of(client).text(), former, threads, request).poll(threads, FIRST_POLL_MS);
    }

    /** The search for one token. */
    private final class Search {

        private final String name;
        private final Token former;
        private final Executor threads;
        private final Supplier<CompletableFuture<Token>> request;
        private final long end = System.nanoTime() + patience.toNanos();

        Search(String name, Token former, Executor threads, Supplier<CompletableFuture<Token>> request) {
            this.name = name;
            this.former = former;
            this.threads = threads;
            this.request = request;
        }

        /** @param nextMs the delay of the next poll, if another instance requests the token */
        CompletableFuture<Token> poll(Executor executor, long nextMs) {
            return CompletableFuture.supplyAsync(() -> token(nextMs), executor).thenCompose(Function.identity());
        }

        private CompletableFuture<Token> token(long nextMs) {
            if (System.nanoTime() - end >= 0) {
                return request.get();
            }
            try {
                Optional<Token> stored = stored(name, former);
                if (stored.isPresent()) {
                    return CompletableFuture.completedFuture(stored.get());
                }
                // longer than a request: its response may wait for a thread
                if (sharing.claim(name, patience.multipliedBy(2))) {
                    return claimed();
                }
            } catch (StoreException | CompletionException e) {
                LOG.debug("a token cannot be shared now", e);
                return request.get();
            }
            return poll(
                    CompletableFuture.delayedExecutor(nextMs, TimeUnit.MILLISECONDS, threads),
                    Math.min(2 * nextMs, LONGEST_POLL_MS));
        }

        private CompletableFuture<Token> claimed() {
            try {
                // another instance may have stored a token between check and claim
                Optional<Token> stored = stored(name, former);
                if (stored.isPresent()) {
                    quietly(() -> sharing.release(name));
                    return CompletableFuture.completedFuture(stored.get());
                }
            } catch (StoreException | CompletionException e) {
                quietly(() -> sharing.release(name));
                throw e;
            }
            // composed, so that the claim is released even if the request cannot be built
            return CompletableFuture.completedFuture(name)
                    .thenCompose(claimed -> request.get())
                    .whenComplete(this::publish);
        }

        private void publish(Token token, Throwable failure) {
            quietly(() -> {
                if (failure == null && token.usable(clock.instant())) {
                    sharing.keep(name, bytes(name, token));
                } else {
                    sharing.release(name);
                }
            });
        }
    }

    /** Ignores failures of the store: the token is used here anyway. */
    private static void quietly(Runnable step) {
        try {
            step.run();
        } catch (StoreException | CompletionException e) {
            LOG.debug("a token cannot be shared now", e);
        }
    }

    private Optional<Token> stored(String name, Token former) {
        return sharing.kept(name)
                .flatMap(bytes -> token(name, bytes))
                .filter(token -> token.usable(clock.instant()))
                .filter(token -> former == null || token.fetched().isAfter(former.fetched()));
    }

    private static byte[] bytes(String name, Token token) {
        try {
            return JSON.writeValueAsBytes(JSON.createObjectNode()
                    .put("name", name)
                    .put("value", token.value().reveal())
                    .put("fetched", token.fetched().toString())
                    .put("life", token.lifetime().toString())
                    .put("lifetimeKnown", token.lifetimeKnown()));
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
    }

    /** Parses a stored token; one with another name is invalid. */
    private static Optional<Token> token(String name, byte[] bytes) {
        try {
            JsonNode json = JSON.readTree(bytes);
            if (!json.path("name").asText().equals(name)) {
                return Optional.empty();
            }
            return Optional.of(new Token(
                    Secret.of(json.path("value").asText()),
                    Instant.parse(json.path("fetched").asText()),
                    Duration.parse(json.path("life").asText()),
                    json.path("lifetimeKnown").asBoolean()));
        } catch (IOException | DateTimeException e) {
            LOG.debug("a kept token is of another version", e);
            return Optional.empty();
        }
    }
}
