package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.console.signin.SingleSignOnSettings;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the settings of single sign-on and finds the missing ones. */
final class SingleSignOnReading {

    static final String SECRET = "webhooks.console.oidc.client-secret";

    private static final String PREFIX = "webhooks.console.oidc.";
    private static final String ISSUER = PREFIX + "issuer";
    private static final String CLIENT = PREFIX + "client-id";
    private static final String REDIRECT = PREFIX + "redirect-url";
    private static final String SCOPES = PREFIX + "scopes";
    private static final List<String> NEEDED =
            List.of(CLIENT, REDIRECT, SCOPES, PREFIX + "account-claim", PREFIX + "role-claim");

    private SingleSignOnReading() {}

    /** @return empty if it is off or faulty */
    static Optional<SingleSignOnSettings> read(Settings settings, List<String> faults) {
        if (settings.text(ISSUER).isEmpty()) {
            return Optional.empty();
        }
        int before = faults.size();
        NEEDED.stream()
                .filter(key -> settings.text(key).isEmpty())
                .forEach(key -> faults.add(key + " is missing: " + ISSUER + " is given, and needs it"));
        List<String> scopes = Arrays.asList(settings.text(SCOPES).split("\\s+"));
        if (!settings.text(SCOPES).isEmpty() && !scopes.contains("openid")) {
            faults.add(SCOPES + " must hold openid, which requests the id token");
        }
        URI issuer = url(settings, ISSUER, faults);
        URI redirect = url(settings, REDIRECT, faults);
        if (redirect != null && !SingleSignOnSettings.RETURN_PATH.equals(redirect.getPath())) {
            faults.add(REDIRECT + " must end with " + SingleSignOnSettings.RETURN_PATH
                    + ", behind the address by which browsers reach this installation");
        }
        if (faults.size() > before) {
            return Optional.empty();
        }
        return Optional.of(new SingleSignOnSettings(
                issuer,
                settings.text(CLIENT),
                settings.secret(SECRET),
                redirect,
                scopes,
                settings.text(PREFIX + "account-claim"),
                settings.text(PREFIX + "role-claim")));
    }

    private static URI url(Settings settings, String key, List<String> faults) {
        Optional<URI> url = settings.url(key);
        if (url.isEmpty() && !settings.text(key).isEmpty()) {
            faults.add(key + " must be a URL with https://, without user, query and fragment");
        }
        return url.orElse(null);
    }
}
