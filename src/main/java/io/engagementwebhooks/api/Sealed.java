package io.engagementwebhooks.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;

/**
 * Encrypts values that others keep, such as a cookie, as Base64url of their JSON. Equal values are encrypted differently
 * each time. Immutable.
 *
 * @param vault derived for this kind of value alone
 */
public record Sealed<T>(Vault vault, Class<T> type) {

    private static final JsonMapper JSON = new JsonMapper();

    public String seal(T value) {
        try {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(vault.seal(JSON.writeValueAsBytes(value)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the value cannot be written as JSON", e);
        }
    }

    /** @return empty: it was not sealed with this key, or was changed */
    public Optional<T> unseal(String sealed) {
        try {
            return Optional.of(
                    JSON.readValue(vault.unseal(Base64.getUrlDecoder().decode(sealed)), type));
        } catch (IllegalArgumentException | VaultFault | IOException e) {
            return Optional.empty();
        }
    }
}
