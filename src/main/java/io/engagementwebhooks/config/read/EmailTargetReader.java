package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads whom a webhook notifies by e-mail. */
final class EmailTargetReader {

    private static final String SCHEME = "mailto:";
    private static final String URL = "url";

    private EmailTargetReader() {}

    static Target read(Mapping delivery) {
        // its words are the product's own
        DefinitionReader.OF_REQUESTS_TO_A_URL.stream()
                .filter(key -> !key.equals(URL) && delivery.has(key))
                .forEach(key ->
                        delivery.fault(key, "not-of-email", "'" + key + "' has no meaning for e-mail", "remove it"));
        return new Target.Email(
                List.copyOf(addresses(delivery, delivery.text(URL).strip())));
    }

    private static Set<String> addresses(Mapping delivery, String url) {
        if (!url.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw delivery.refused(
                    URL, "wrong-url", "'url' is not a mailto URL", "write mailto:ops@example.com,it@example.com");
        }
        Set<String> addresses = new LinkedHashSet<>();
        Arrays.stream(url.substring(SCHEME.length()).split(",", -1))
                .map(String::strip)
                .forEach(addresses::add);
        addresses.stream()
                .filter(address -> !EmailAddress.isValid(address))
                .findFirst()
                .ifPresent(address -> delivery.fault(
                        URL,
                        "wrong-address",
                        "'" + Shown.of(address) + "' is not an e-mail address",
                        "write name@host alone, several with commas between them"));
        if (addresses.size() > Target.Email.MOST) {
            delivery.fault(
                    URL,
                    "too-many-addresses",
                    "'url' has " + addresses.size() + " addresses, and may have " + Target.Email.MOST,
                    "take the address of a list, or add another webhook");
        }
        return addresses;
    }
}
