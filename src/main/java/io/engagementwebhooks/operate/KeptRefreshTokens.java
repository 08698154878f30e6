package io.engagementwebhooks.operate;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.deliver.salesforce.RefreshTokens;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores refresh tokens, encrypted. Each belongs to the token of the configuration file that it replaced, so that a new
 * token in the file takes effect at once. Thread-safe.
 */
final class KeptRefreshTokens implements RefreshTokens {

    private static final Logger LOG = LoggerFactory.getLogger(KeptRefreshTokens.class);
    private static final JsonMapper JSON = new JsonMapper();

    private static final String LOGIN = "salesforce-login ";
    private static final String KEEP_ALIVE = "salesforce-keep-alive ";
    private static final Duration KEEP_ALIVE_CLAIM = Duration.ofMinutes(1);

    /** Follows a key: when the token was last used. */
    private static final String USED = " used";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Executor NEXT_POLL = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

    private final Store store;
    private final Vault vault;
    private final Clock clock;

    /** Last known uses by key. Another instance may have used a token since. */
    private final Map<String, Instant> uses = new ConcurrentHashMap<>();

    /** Unstored tokens and uses by key. A token is valid only once, so none may be lost during an outage of the store. */
    private final Map<String, String> unstored = new ConcurrentHashMap<>();

    /** The keys of this process's logins. A claim is held by the process. */
    private final Set<String> loggingIn = ConcurrentHashMap.newKeySet();

    /** The last write. The setting holds all tokens, so the next write begins after it. */
    private final AtomicReference<CompletableFuture<Void>> writing =
            new AtomicReference<>(CompletableFuture.completedFuture(null));

    KeptRefreshTokens(Store store, Vault vault, Clock clock) {
        this.store = store;
        this.vault = vault;
        this.clock = clock;
    }

    @Override
    public Optional<Secret> latest(SalesforceConnection connection) {
        String key = key(connection);
        return Optional.ofNullable(unstored.get(key))
                .or(() -> Optional.ofNullable(stored().path(key).textValue()))
                .map(Secret::of);
    }

    @Override
    public CompletionStage<Void> keep(SalesforceConnection connection, Secret token) {
        unstored.put(key(connection), token.reveal());
        return writeUse(connection);
    }

    @Override
    public void used(SalesforceConnection connection) {
        writeUse(connection).exceptionally(failure -> {
            LOG.debug("a use is stored with the next token", failure);
            return null;
        });
    }

    @Override
    public boolean claimIdle(SalesforceConnection connection, Duration idle) {
        String key = key(connection);
        Instant since = clock.instant().minus(idle);
        return !isUsedAfter(since, uses.get(key))
                && !isUsedAfter(since, storedUse(key))
                && store.cluster().claim(KEEP_ALIVE + key, KEEP_ALIVE_CLAIM)
                // another instance may have used it between check and claim
                && !isUsedAfter(since, storedUse(key));
    }

    private static boolean isUsedAfter(Instant since, Instant use) {
        return use != null && use.isAfter(since);
    }

    /** Null: unknown. */
    private Instant storedUse(String key) {
        String text = stored().path(key + USED).textValue();
        if (text != null) {
            uses.put(key, Instant.parse(text));
        }
        return uses.get(key);
    }

    private CompletableFuture<Void> writeUse(SalesforceConnection connection) {
        Instant now = clock.instant();
        uses.put(key(connection), now);
        unstored.put(key(connection) + USED, now.toString());
        CompletableFuture<Void> written = new CompletableFuture<>();
        writing.getAndSet(written)
                .handle((done, failure) -> System.nanoTime() + LONGEST_WAIT.toNanos())
                .thenCompose(this::claim)
                .thenCompose(claimed -> write())
                // not on the store's thread, which the release waits for
                .whenCompleteAsync((done, failure) -> {
                    release(ActiveConfig.REFRESH_TOKENS);
                    if (failure == null) {
                        written.complete(null);
                    } else {
                        written.completeExceptionally(Causes.unwrapped(failure));
                    }
                });
        return written;
    }

    /** Claims the setting for a read and write. No thread waits. */
    private CompletableFuture<Void> claim(long end) {
        if (store.cluster().claim(ActiveConfig.REFRESH_TOKENS, LONGEST_WAIT)) {
            return CompletableFuture.completedFuture(null);
        }
        if (System.nanoTime() - end > 0) {
            throw new StoreException("another instance has been writing refresh tokens for a while", null);
        }
        return CompletableFuture.supplyAsync(() -> claim(end), NEXT_POLL).thenCompose(Function.identity());
    }

    private CompletionStage<Void> write() {
        Map<String, String> storing = Map.copyOf(unstored);
        ObjectNode all = stored();
        storing.forEach(all::put);
        try {
            return store.settings()
                    .setting(ActiveConfig.REFRESH_TOKENS, vault.seal(JSON.writeValueAsBytes(all)))
                    .thenRun(() -> storing.forEach(unstored::remove));
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
    }

    @Override
    public boolean begin(SalesforceConnection connection, Duration most) {
        String key = key(connection);
        if (!loggingIn.add(key)) {
            return false;
        }
        boolean isClaimed = false;
        try {
            isClaimed = store.cluster().claim(LOGIN + key, most);
        } catch (StoreException e) {
            LOG.debug("another instance's login cannot be determined now", e);
        } finally {
            if (!isClaimed) {
                loggingIn.remove(key);
            }
        }
        return isClaimed;
    }

    @Override
    public void end(SalesforceConnection connection) {
        String key = key(connection);
        loggingIn.remove(key);
        release(LOGIN + key);
    }

    private void release(String claim) {
        try {
            store.cluster().releaseClaim(claim, null);
        } catch (StoreException e) {
            LOG.debug("a claim cannot be given back, and ends by itself", e);
        }
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
