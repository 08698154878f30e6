package io.engagementwebhooks.webhook.signing;

import io.engagementwebhooks.webhook.SigningKey;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The signatures of a webhook's requests. Immutable.
 *
 * @param form the signature headers
 * @param keys the account's keys, or the webhook's own; newest first; each signs while it is valid
 * @param ofAccount whether they are all keys of the account
 * @param custom a signature in another form beside, by the keys that it names
 */
public record Signing(Form form, List<SigningKey> keys, boolean ofAccount, Optional<CustomSignature> custom) {

    /** Nothing is signed. */
    public static final Signing NONE = new Signing(Form.NONE, List.of());

    /** The forms of signature headers. */
    public enum Form {
        /** No signature. */
        NONE(false, false),
        /** {@code webhook-signature} of Standard Webhooks. */
        STANDARD(true, false),
        /** {@code Signature} of RFC 9421, with {@code Content-Digest} of RFC 9530. */
        RFC9421(false, true),
        /** Both. */
        BOTH(true, true);

        private final boolean standard;
        private final boolean rfc9421;

        Form(boolean standard, boolean rfc9421) {
            this.standard = standard;
            this.rfc9421 = rfc9421;
        }

        public boolean isStandard() {
            return standard;
        }

        public boolean isRfc9421() {
            return rfc9421;
        }

        /** The name in the configuration file and the API. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Signing {
        Objects.requireNonNull(form);
        Objects.requireNonNull(custom);
        keys = List.copyOf(keys);
    }

    /** Signing by the webhook's own keys. */
    public Signing(Form form, List<SigningKey> keys) {
        this(form, keys, false, Optional.empty());
    }

    /** A copy with all keys of an account, unless the webhook selects its keys. */
    public Signing byAccount(List<SigningKey> all) {
        return ofAccount && !keys.equals(all) ? new Signing(form, all, true, custom) : this;
    }

    /** Whether it names a key of the account, rather than taking all. */
    public boolean names(String key) {
        return Stream.concat(
                        ofAccount ? Stream.empty() : keys.stream(),
                        custom.stream().flatMap(other -> other.keys().stream()))
                .anyMatch(each -> each.id().equals(key));
    }

    /** The keys that are valid at a time; empty if nothing is signed. */
    public List<SigningKey> keysAt(Instant now) {
        return form == Form.NONE
                ? List.of()
                : keys.stream().filter(key -> key.validity().covers(now)).toList();
    }
}
