package io.engagementwebhooks.deliver.oauth2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Secret;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares tokens among instances: one requests a token, the others use it. An instance requests its own if the store is
 * unreachable or the other takes too long. Thread-safe.
 *
 * @param patience the longest wait for another instance
 */
record SharedTokens(TokenSharing sharing, Clock clock, Duration patience) {

    private static final Logger LOG = LoggerFactory.getLogger(SharedTokens.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final long POLL_MS = 50;

    /** Requests a token from the endpoint. */
    interface TokenRequest {
        Token send() throws TokenException;
    }

    /**
     * A token newer than the former one, from another instance or from the endpoint.
     *
     * @param former the former token, or null
     */
    Token newer(Token former, OAuthClient client, TokenRequest request) throws TokenException {
        String name = CacheKey.of(client).text();
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (System.nanoTime() < end) {
                Optional<Token> stored = stored(name, former);
                if (stored.isPresent()) {
                    return stored.get();
                }
                if (sharing.claim(name, patience)) {
                    return stored(name, former).isPresent()
                            ? releaseAndReturn(name, former)
                            : requestAndStore(name, request);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MS);
            }
        } catch (StoreException | CompletionException e) {
            LOG.debug("a token cannot be shared now", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return request.send();
    }

    /** Another instance stored a token between check and claim. */
    private Token releaseAndReturn(String name, Token former) {
        Token stored = stored(name, former).orElseThrow(() -> new StoreException("a kept token is gone", null));
        sharing.release(name);
        return stored;
    }

    private Token requestAndStore(String name, TokenRequest request) throws TokenException {
        Token token;
        try {
            token = request.send();
        } catch (TokenException | RuntimeException e) {
            quietly(() -> sharing.release(name));
            throw e;
        }
        quietly(() -> {
            if (token.usable(clock.instant())) {
                sharing.keep(name, bytes(name, token));
            } else {
                sharing.release(name);
            }
        });
        return token;
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
