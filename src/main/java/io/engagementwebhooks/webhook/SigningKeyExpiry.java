package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Accounts and webhooks whose requests are unsigned, or soon will be, since their last key ends. Immutable.
 *
 * @param endings in the order of the file
 */
public record SigningKeyExpiry(List<Ending> endings) {

    /** How long before the end of the last key the warning starts. */
    public static final Duration AHEAD = Duration.ofDays(7);

    /**
     * Where signing ends.
     *
     * @param resource the account, or the webhook that chooses its keys
     * @param at from when on nothing signs, though keys are there; the past: it is so already
     */
    public record Ending(String resource, Instant at) {

        /** One sentence for people, with the way out. */
        public String text(Instant now) {
            String when = at.isAfter(now) ? "from " + at + " on no signing key signs" : "no signing key signs now";
            return resource + ": " + when
                    + ", and requests are sent unsigned (add a key to 'signingKeys', or move the 'until' of one)";
        }
    }

    public SigningKeyExpiry {
        endings = List.copyOf(endings);
    }

    public static SigningKeyExpiry of(Config config, Instant now) {
        Map<String, Ending> endings = new LinkedHashMap<>();
        for (Webhook webhook : config.webhooks()) {
            Signing signing = webhook.delivery().target().signing();
            if (signing.form() != Signing.Form.NONE) {
                ending(signing.keys(), now)
                        .map(at -> new Ending(resource(config, webhook, signing), at))
                        .ifPresent(ending -> endings.putIfAbsent(ending.resource(), ending));
            }
        }
        return new SigningKeyExpiry(List.copyOf(endings.values()));
    }

    private static String resource(Config config, Webhook webhook, Signing signing) {
        boolean ofAccount = config.account(webhook.account())
                .filter(account -> account.signingKeys().equals(signing.keys()))
                .isPresent();
        return ofAccount ? "account '" + webhook.account() + "'" : webhook.toString();
    }

    /** When nothing signs any more, if that is now or near; a key that takes over in time puts it off. */
    private static Optional<Instant> ending(List<SigningKey> keys, Instant now) {
        if (keys.isEmpty()) {
            return Optional.empty();
        }
        Instant horizon = now.plus(AHEAD);
        Instant at = now;
        while (at.isBefore(horizon)) {
            Instant moment = at;
            Optional<Instant> until = keys.stream()
                    .map(SigningKey::validity)
                    .filter(validity -> validity.covers(moment))
                    .map(Validity::until)
                    .max(Instant::compareTo);
            if (until.isEmpty()) {
                return Optional.of(at);
            }
            at = until.get();
        }
        return Optional.empty();
    }
}
