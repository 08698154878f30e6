package io.engagementwebhooks.webhook.signing;

import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Accounts and webhooks whose last signing key has expired or soon will. Immutable.
 *
 * @param endings in the order of the file
 */
public record SigningKeyExpiry(List<Ending> endings) {

    /** How long before the expiry of the last key the warning starts. */
    public static final Duration AHEAD = Duration.ofDays(7);

    /**
     * The expiry of the last signing key of a resource.
     *
     * @param resource the account, or the webhook with its own keys
     * @param at when the last key expires; may be in the past
     */
    public record Ending(String resource, Instant at) {

        /** One sentence for people, with the remedy. */
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
            signing.custom()
                    .flatMap(custom -> ending(custom.keys(), now))
                    .map(at -> new Ending(webhook + ", signing.custom", at))
                    .ifPresent(ending -> endings.putIfAbsent(ending.resource(), ending));
        }
        return new SigningKeyExpiry(List.copyOf(endings.values()));
    }

    private static String resource(Config config, Webhook webhook, Signing signing) {
        boolean ofAccount = config.account(webhook.account())
                .filter(account -> account.signingKeys().equals(signing.keys()))
                .isPresent();
        return ofAccount ? "account '" + webhook.account() + "'" : webhook.toString();
    }

    /** When the last key expires, if that is in the past or soon; a successor in time postpones it. */
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
