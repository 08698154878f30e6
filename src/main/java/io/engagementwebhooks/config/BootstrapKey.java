package io.engagementwebhooks.config;

import io.engagementwebhooks.credential.PrivateFile;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;

/**
 * The account and key of a first start without accounts, for the first sign-in.
 *
 * @param apiKey an admin key of account {@value #ACCOUNT}
 * @param key the key itself, to be printed once
 */
public record BootstrapKey(ApiKey apiKey, Secret key) {

    /** The account's id. */
    public static final String ACCOUNT = "default";

    /** The key's name. */
    public static final String NAME = "first-key";

    private static final String PREFIX = "ewk_";
    private static final int LENGTH = 32;

    public BootstrapKey {
        Objects.requireNonNull(apiKey);
        Objects.requireNonNull(key);
    }

    /**
     * Makes a key and writes it to a file that only its owner may read; the file is synced to disk before this returns.
     *
     * @param file {@code data/first-key}, replaced if it exists
     * @throws UncheckedIOException if it cannot be written
     */
    public static BootstrapKey make(Path file, SecureRandom random) {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        String key = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        try {
            PrivateFile.write(file, (key + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException("the first API key cannot be written to " + file, e);
        }
        Secret secret = Secret.of(key);
        return new BootstrapKey(ApiKey.of(NAME, ApiKey.Role.ADMIN, secret), secret);
    }
}
