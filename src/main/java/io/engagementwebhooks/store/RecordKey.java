package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Objects;

/**
 * Names a record of a third party by a hash of what names it there, which may be personal data.
 *
 * @param account the account that writes to it
 * @param hash of what names it
 */
public record RecordKey(String account, String hash) {

    public RecordKey {
        Objects.requireNonNull(account);
        Objects.requireNonNull(hash);
    }

    /** @param parts what names it, the kind of the record first */
    public static RecordKey of(String account, Object... parts) {
        MessageDigest digest = Sha256.inParts();
        for (Object part : parts) {
            byte[] bytes = String.valueOf(part).getBytes(StandardCharsets.UTF_8);
            // the length too, so that no two lists of parts look alike
            digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        }
        return new RecordKey(account, Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest()));
    }
}
