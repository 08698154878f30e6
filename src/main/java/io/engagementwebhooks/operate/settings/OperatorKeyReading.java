package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.auth.Secret;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Reads the operator's key, given as it is or as a hash. */
final class OperatorKeyReading {

    /** The beginning of a hash. */
    static final String HASHED = "sha256:";

    private static final String NAME = "operator";
    private static final int SHA256_LENGTH = 32;
    private static final int SHORTEST = 24;

    private OperatorKeyReading() {}

    static Optional<ApiKey> read(Settings settings, List<String> faults) {
        return settings.secret(Settings.OPERATOR_KEY).map(Secret::reveal).flatMap(text -> read(text, faults));
    }

    private static Optional<ApiKey> read(String text, List<String> faults) {
        if (text.startsWith(HASHED)) {
            return hash(text.substring(HASHED.length()), faults).map(OperatorKeyReading::key);
        }
        if (text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            faults.add(Settings.OPERATOR_KEY
                    + " holds a space, control or non-ASCII character; use letters, digits and marks");
            return Optional.empty();
        }
        return Optional.of(key(ApiKey.hash(text)));
    }

    private static ApiKey key(byte[] hash) {
        return new ApiKey(NAME, ApiKey.Role.OPERATOR, hash, null, new Actor(Actor.OPERATOR, null, NAME));
    }

    /** The fault of a key that is too short. */
    static Optional<String> tooShort(Settings settings) {
        return settings.secret(Settings.OPERATOR_KEY)
                .filter(key -> key.reveal().length() < SHORTEST)
                .map(key -> Settings.OPERATOR_KEY + " is shorter than " + SHORTEST
                        + " characters, and it opens all accounts; take a long random one");
    }

    private static Optional<byte[]> hash(String hex, List<String> faults) {
        try {
            byte[] hash = HexFormat.of().parseHex(hex);
            if (hash.length == SHA256_LENGTH) {
                return Optional.of(hash);
            }
        } catch (IllegalArgumentException e) {
            // reported below, without the text
        }
        faults.add(Settings.OPERATOR_KEY + " starts with sha256: but is not followed by 64 hex digits;"
                + " printf %s KEY | sha256sum prints them");
        return Optional.empty();
    }
}
