package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.engagementwebhooks.api.SettingView;
import java.util.Map;

/**
 * A signing key in the API.
 *
 * @param uid its immutable id, or null: a webhook owns it
 * @param id its name in the file and for receivers
 * @param keyId as receivers get it
 * @param scheme v1 (HMAC) or v1a (Ed25519)
 * @param state active, pending or ended
 * @param from when it begins to sign, or null
 * @param until when it ends, or null
 * @param publicKey of v1a, else null
 * @param webhook the webhook that owns it, or null
 * @param secret in the response to its creation only, else left out
 */
public record SigningKeyView(
        String uid,
        String id,
        String keyId,
        String scheme,
        String state,
        String from,
        String until,
        String publicKey,
        String webhook,
        @JsonInclude(JsonInclude.Include.NON_NULL) String secret,
        String managedBy,
        @JsonUnwrapped DefinedView defined)
        implements SettingView.OfKey {

    @Override
    public String name() {
        return id;
    }

    @Override
    public SettingView revealing(Map<String, Object> once) {
        return new SigningKeyView(
                uid,
                id,
                keyId,
                scheme,
                state,
                from,
                until,
                publicKey,
                webhook,
                (String) once.get("secret"),
                managedBy,
                defined);
    }

    /** Leaves out the secret. */
    @Override
    public String toString() {
        return "signing key " + id;
    }
}
