package io.engagementwebhooks.operate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.salesforce.RefreshTokens;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SalesforceLogin;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.config.Vault;
import io.engagementwebhooks.webhook.config.VaultFault;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores refresh tokens, encrypted. Each belongs to the token of the configuration file that it replaced, so that a new
 * token in the file takes effect at once. Thread-safe.
 */
final class KeptRefreshTokens implements RefreshTokens {

    private static final Logger LOG = LoggerFactory.getLogger(KeptRefreshTokens.class);
    private static final JsonMapper JSON = new JsonMapper();

    private static final String WRITING = ActiveConfig.REFRESH_TOKENS;
    private static final String LOGIN = "salesforce-login ";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Store store;
    private final Vault vault;
    private ObjectNode latest;
    /** Number of writes in progress; they share one claim. */
    private int writing;
    /** Unstored tokens by key. Each is valid only once, so none may be lost during an outage of the store. */
    private final Map<String, String> unstored = new HashMap<>();

    KeptRefreshTokens(Store store, Vault vault) {
        this.store = store;
        this.vault = vault;
    }

    @Override
    public synchronized Optional<Secret> latest(SalesforceConnection connection) {
        String key = key(connection);
        if (unstored.containsKey(key)) {
            return Optional.of(Secret.of(unstored.get(key)));
        }
        return Optional.ofNullable(all().get(key)).map(JsonNode::textValue).map(Secret::of);
    }

    @Override
    public synchronized CompletionStage<Void> keep(SalesforceConnection connection, Secret token) {
        unstored.put(key(connection), token.reveal());
        Map<String, String> storing = Map.copyOf(unstored);
        if (!isShared()) {
            return write(storing);
        }
        try {
            if (writing == 0) {
                awaitClaim();
            }
            writing++;
            return write(storing).whenCompleteAsync((written, failure) -> releaseClaim());
        } catch (StoreException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private synchronized void releaseClaim() {
        writing--;
        if (writing == 0) {
            release(WRITING);
        }
    }

    /** Claims the setting that holds all tokens, for a read and write. */
    private void awaitClaim() {
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (!store.cluster().claim(WRITING, LONGEST_WAIT)) {
            if (System.nanoTime() - end > 0) {
                throw new StoreException("another instance has been writing refresh tokens for a while", null);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private CompletionStage<Void> write(Map<String, String> storing) {
        try {
            ObjectNode all = all();
            storing.forEach(all::put);
            return store.settings()
                    .setting(ActiveConfig.REFRESH_TOKENS, vault.seal(JSON.writeValueAsBytes(all)))
                    .thenRunAsync(() -> stored(storing));
        } catch (StoreException e) {
            return CompletableFuture.failedFuture(e);
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
    }

    @Override
    public boolean begin(SalesforceConnection connection, Duration most) {
        try {
            return !isShared() || store.cluster().claim(LOGIN + key(connection), most);
        } catch (StoreException e) {
            LOG.debug("another instance's login cannot be determined now", e);
            return false;
        }
    }

    @Override
    public void end(SalesforceConnection connection) {
        if (isShared()) {
            release(LOGIN + key(connection));
        }
    }

    private void release(String claim) {
        try {
            store.cluster().releaseClaim(claim, null);
        } catch (StoreException e) {
            LOG.debug("a claim cannot be given back, and ends by itself", e);
        }
    }

    private boolean isShared() {
        return store.cluster().ownership() != Ownership.ALL;
    }

    private synchronized void stored(Map<String, String> these) {
        these.forEach(unstored::remove);
    }

    private ObjectNode all() {
        if (latest == null || isShared()) {
            latest = stored();
        }
        return latest;
    }

    private ObjectNode stored() {
        try {
            Optional<byte[]> sealed = store.settings().setting(ActiveConfig.REFRESH_TOKENS);
            if (sealed.isPresent() && JSON.readTree(vault.unseal(sealed.get())) instanceof ObjectNode kept) {
                return kept;
            }
        } catch (IOException | VaultFault e) {
            LOG.warn("refresh-tokens.unreadable: the tokens of the configuration file are used: {}", e.getMessage());
        }
        return JSON.createObjectNode();
    }

    private static String key(SalesforceConnection connection) {
        SalesforceLogin.RefreshToken login = (SalesforceLogin.RefreshToken) connection.login();
        return Sha256.hex(String.join(
                "\n",
                connection.account(),
                connection.name(),
                connection.clientId(),
                login.refreshToken().reveal()));
    }
}
