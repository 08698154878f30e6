package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Validity;
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

    /** A key that all webhooks of the account may use. */
    void readOfAccount(Mapping item) {
        item.text("id").ifPresent(idsOfAccount::add);
        read(item).ifPresent(key -> ofAccount.put(key.id(), key));
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

    Optional<SigningKey> read(Mapping item) {
        Optional<String> id = names.claim(item, "id");
        Validity validity = validity(item);
        SigningKey.Scheme scheme = item.has("secret") ? SigningKey.Scheme.V1 : SigningKey.Scheme.V1A;
        Optional<Secret> material = scheme == SigningKey.Scheme.V1 ? secret(item) : privateKey(item);
        return item.isFaulty()
                ? Optional.empty()
                : Optional.of(new SigningKey(id.orElseThrow(), scheme, material.orElseThrow(), validity));
    }

    private static Optional<Secret> secret(Mapping item) {
        return material(
                item, "secret", SigningKeyText::wrongWithSecret, "write whsec_<Base64 of 24 to 64 random bytes>");
    }

    private static Optional<Secret> privateKey(Mapping item) {
        return material(
                item,
                "privateKey",
                SigningKeyText::wrongWithPrivateKey,
                "write whsk_<Base64 of seed and public key> or an Ed25519 key in PKCS#8 PEM");
    }

    private static Optional<Secret> material(
            Mapping item, String key, Function<String, Optional<String>> wrongWith, String wayOut) {
        return item.text(key).map(String::strip).flatMap(text -> {
            Optional<String> wrong = wrongWith.apply(text);
            wrong.ifPresent(why -> item.fault(key, "signing-key", "'" + key + "' " + why, wayOut));
            return wrong.isPresent() ? Optional.empty() : Optional.of(Secret.of(text));
        });
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
