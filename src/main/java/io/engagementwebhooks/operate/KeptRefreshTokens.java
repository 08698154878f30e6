package io.engagementwebhooks.operate;

import io.engagementwebhooks.deliver.salesforce.RefreshTokens;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SalesforceLogin;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.setup.Vault;
import io.engagementwebhooks.webhook.setup.VaultFault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps refresh tokens in the store, encrypted. One is kept for the token of the set-up file that it took the place of: a
 * new one in the file is used at once. Thread-safe.
 */
final class KeptRefreshTokens implements RefreshTokens {

    private static final Logger LOG = LoggerFactory.getLogger(KeptRefreshTokens.class);
    private static final String NAME = "salesforce-refresh-token-";

    private final Store store;
    private final Vault vault;
    private final Map<String, Secret> latest = new ConcurrentHashMap<>();

    KeptRefreshTokens(Store store, Vault vault) {
        this.store = store;
        this.vault = vault;
    }

    @Override
    public Optional<Secret> latest(SalesforceConnection connection) {
        return Optional.ofNullable(latest.computeIfAbsent(name(connection), this::stored));
    }

    private Secret stored(String name) {
        try {
            return store.setting(name)
                    .map(vault::unseal)
                    .map(token -> Secret.of(new String(token, StandardCharsets.UTF_8)))
                    .orElse(null);
        } catch (StoreException | VaultFault e) {
            LOG.warn("a kept refresh token cannot be read, the one in the file is used: {}", e.getMessage());
            return null;
        }
    }

    @Override
    public CompletionStage<Void> keep(SalesforceConnection connection, Secret token) {
        String name = name(connection);
        latest.put(name, token);
        return store.setting(name, vault.seal(token.reveal().getBytes(StandardCharsets.UTF_8)));
    }

    private static String name(SalesforceConnection connection) {
        SalesforceLogin.RefreshToken login = (SalesforceLogin.RefreshToken) connection.login();
        String text = String.join(
                "\n",
                connection.account(),
                connection.name(),
                connection.clientId(),
                login.refreshToken().reveal());
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return NAME + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
