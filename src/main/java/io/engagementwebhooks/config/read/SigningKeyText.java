package io.engagementwebhooks.config.read;

import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.util.Optional;
import java.util.function.Consumer;

/** Checks signing keys in the form of Standard Webhooks. Faults never quote the text. */
final class SigningKeyText {

    private SigningKeyText() {}

    /** The fault of a shared secret of scheme v1; empty if valid. */
    static Optional<String> wrongWithSecret(String text) {
        if (text.startsWith(Ed25519Key.PRIVATE) || text.contains("PRIVATE KEY")) {
            return Optional.of("holds a private key, which belongs under 'privateKey'");
        }
        return wrong(text, HmacKey::read);
    }

    /** The fault of a private key of scheme v1a; empty if valid. */
    static Optional<String> wrongWithPrivateKey(String text) {
        if (text.startsWith(HmacKey.SHARED)) {
            return Optional.of("holds a shared secret, which belongs under 'secret'");
        }
        if (text.startsWith(Ed25519Key.PUBLIC)) {
            return Optional.of("holds a public key, which cannot sign");
        }
        return wrong(text, Ed25519Key::read);
    }

    private static Optional<String> wrong(String text, Consumer<String> reader) {
        try {
            reader.accept(text);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }
}
