package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.console.signin.SingleSignOnSettings;
import io.engagementwebhooks.deliver.receiver.PermissionRequest;
import io.engagementwebhooks.server.CallerAdmission;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Reads how receivers that are asked for permission know this installation. */
final class SenderReading {

    private static final String CONSOLE = "webhooks.console.url";
    private static final String ORIGIN = "webhooks.deliver.origin";
    private static final String HOST = "[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?";

    private SenderReading() {}

    static PermissionRequest.Sender read(Settings settings, List<String> faults) {
        String given = settings.text(CONSOLE);
        boolean isSite = given.matches(Settings.SITE);
        if (!given.isEmpty() && !isSite) {
            faults.add(
                    CONSOLE
                            + " must be scheme, host and port without a path, in lower case, such as https://webhooks.example.com");
        }
        String origin = settings.text(ORIGIN);
        if (!origin.isEmpty() && !origin.matches(HOST)) {
            faults.add(ORIGIN + " must be a host name without scheme and port, such as hooks.example.com");
        }
        Optional<String> site = isSite
                ? Optional.of(given)
                : settings.singleSignOn().map(SingleSignOnSettings::redirect).map(SenderReading::site);
        String host = URI.create(site.orElseGet(() -> settings.site(0))).getHost();
        return new PermissionRequest.Sender(
                origin.isEmpty() ? host : origin, site.map(address -> address + CallerAdmission.CALLBACKS));
    }

    private static String site(URI url) {
        return url.getScheme() + "://" + url.getRawAuthority();
    }
}
