package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.event.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Objects;

/**
 * Identifies a record of a third party by a hash, since its key there may be personal data.
 *
 * @param account the account that writes to it
 * @param hash hash of its key there
 */
public record RecordKey(String account, String hash) {

    public RecordKey {
        Objects.requireNonNull(account);
        Objects.requireNonNull(hash);
    }

    /** @param parts its key, the kind of the record first */
    public static RecordKey of(String account, Object... parts) {
        MessageDigest digest = Sha256.inParts();
        for (Object part : parts) {
            byte[] bytes = String.valueOf(part).getBytes(StandardCharsets.UTF_8);
            // length-prefixed, so that different lists have different hashes
            digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        }
        return new RecordKey(account, Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest()));
    }
}
