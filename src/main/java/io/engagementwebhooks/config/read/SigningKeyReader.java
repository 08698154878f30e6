package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.Validity;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads signing keys, those of an account and of its webhooks; ids are unique in the account. Single use. */
final class SigningKeyReader {

    private final Names names;
    private final Map<String, SigningKey> ofAccount;
    private final Set<String> idsOfAccount;

    SigningKeyReader() {
        this.names = new Names();
        this.ofAccount = new LinkedHashMap<>();
        this.idsOfAccount = new HashSet<>();
    }

    /** For existing keys of the account, and ids of webhooks' own keys. */
    SigningKeyReader(Map<String, SigningKey> ofAccount, Set<String> ofWebhooks) {
        this.names = new Names(List.of(ofAccount.keySet(), ofWebhooks));
        this.ofAccount = Collections.unmodifiableMap(ofAccount);
        this.idsOfAccount = this.ofAccount.keySet();
    }

    /** Keeps the id of a key of the account, which is valid or not. */
    void announce(String id) {
        idsOfAccount.add(id);
    }

    /** Adds a key that all webhooks of the account may use. */
    void add(Resource key) {
        ofAccount.put(key.name(), (SigningKey) key);
    }

    /** The account's keys, in the order of the file. */
    Map<String, SigningKey> ofAccount() {
        return ofAccount;
    }

    /** Whether the account has a key of this id, even an invalid one. */
    boolean has(String id) {
        return idsOfAccount.contains(id);
    }

    /** The known ids, for the text of a remedy. */
    String known() {
        return Names.known(idsOfAccount);
    }

    SigningKey read(Mapping item) {
        String id = names.claim(item, "id");
        Validity validity = validity(item);
        return item.has("secret")
                ? new SigningKey(id, SigningKey.Scheme.V1, secret(item), validity)
                : new SigningKey(id, SigningKey.Scheme.V1A, privateKey(item), validity);
    }

    private static Secret secret(Mapping item) {
        return material(
                item, "secret", SigningKeyText::wrongWithSecret, "write whsec_<Base64 of 24 to 64 random bytes>");
    }

    private static Secret privateKey(Mapping item) {
        return material(
                item,
                "privateKey",
                SigningKeyText::wrongWithPrivateKey,
                "write whsk_<Base64 of seed and public key> or an Ed25519 key in PKCS#8 PEM");
    }

    private static Secret material(
            Mapping item, String key, Function<String, Optional<String>> wrongWith, String wayOut) {
        String text = item.text(key).strip();
        Optional<String> wrong = wrongWith.apply(text);
        if (wrong.isPresent()) {
            throw item.refused(key, "signing-key", "'" + key + "' " + wrong.get(), wayOut);
        }
        return Secret.of(text);
    }

    private static Validity validity(Mapping item) {
        Instant from = item.time("from").orElse(Instant.MIN);
        Instant until = item.time("until").orElse(Instant.MAX);
        if (from.isBefore(until)) {
            return new Validity(from, until);
        }
        item.fault(
                "until",
                "until-before-from",
                "'until' is not after 'from'",
                "a key signs from the one until the other");
        return Validity.ALWAYS;
    }
}
