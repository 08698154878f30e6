package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.HeaderNames;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.Signing;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads authentication {@code api-key}: the header's name and the key. */
final class ApiKeyReader {

    private ApiKeyReader() {}

    static Authentication read(Mapping item) {
        String header = item.text("header").strip();
        checkName(item, header);
        String value = item.text("value");
        checkValue(item, value, header);
        return new Authentication.ApiKey(header, Secret.of(value.strip()));
    }

    private static void checkName(Mapping item, String name) {
        Optional<String[]> refusal = HeaderNames.refusalOf(name, new HashSet<>());
        refusal.ifPresent(why -> item.fault("header", "header", "'header' '" + Shown.of(name) + "' " + why[0], why[1]));
        if (refusal.isEmpty() && HeaderNames.describesContent(name)) {
            item.fault(
                    "header",
                    "header",
                    "'header' '" + name + "' describes the body and not the sender",
                    "take another name");
        }
    }

    private static void checkValue(Mapping item, String text, String header) {
        AuthorizationValue.refuseControls(item, "value", text);
        if (text.chars().anyMatch(c -> c > 126)) {
            item.fault(
                    "value",
                    "not-ascii",
                    "'value' holds a character outside ASCII",
                    "ask the receiver for a key without one");
        } else if (text.strip().toLowerCase(Locale.ROOT).startsWith(header.toLowerCase(Locale.ROOT) + ":")) {
            item.fault(
                    "value",
                    "header-in-value",
                    "'value' starts with the header's name",
                    "write only what follows '" + header + ":'");
        }
    }

    /** Refuses the key's header among the webhook's own headers. */
    static void checkOwnHeaders(Mapping delivery, Authentication authentication, Set<String> own) {
        if (authentication instanceof Authentication.ApiKey key
                && own.stream().anyMatch(key.header()::equalsIgnoreCase)) {
            delivery.fault(
                    "headers",
                    "header-twice",
                    "header '" + key.header() + "' holds the key of 'authentication' already",
                    "leave it out of 'headers'");
        }
    }

    /** Refuses a header that the signature sets, since the key would overwrite it. */
    static void checkSigned(Mapping delivery, Authentication authentication, Signing signing) {
        if (authentication instanceof Authentication.ApiKey key
                && (signing.custom().filter(custom -> custom.sets(key.header())).isPresent()
                        || signing.form().isRfc9421()
                                && SigningReader.OF_RFC9421.contains(
                                        key.header().toLowerCase(Locale.ROOT)))) {
            delivery.fault(
                    "authentication",
                    "header-of-signature",
                    "header '" + key.header() + "' of 'authentication' is set by the signature",
                    "sign otherwise: the receiver takes its key there");
        }
    }
}
