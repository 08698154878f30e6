package io.engagementwebhooks.operate.settings;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Settings of tracing.
 *
 * @param passed whether a sender's {@code traceparent} is passed to receivers
 * @param collector receives spans by OTLP over HTTP; empty: no spans
 * @param ratio sampling ratio of traces that begin here
 */
public record TracingSettings(boolean passed, Optional<URI> collector, double ratio) {

    private static final String PASSED = "webhooks.tracing";
    private static final String ENDPOINT = "webhooks.tracing.endpoint";
    private static final String RATIO = "webhooks.tracing.ratio";

    /** The default path of collectors. */
    private static final String PATH = "/v1/traces";

    /** @param faults receives invalid settings */
    static TracingSettings read(Settings settings, List<String> faults) {
        return new TracingSettings(settings.flag(PASSED), collector(settings, faults), ratio(settings, faults));
    }

    private static Optional<URI> collector(Settings settings, List<String> faults) {
        Optional<URI> given = settings.url(ENDPOINT);
        if (given.isEmpty() && !settings.text(ENDPOINT).isEmpty()) {
            // without the text, which may hold a secret
            faults.add(ENDPOINT + " must be a URL such as http://collector:4318" + PATH
                    + ", without user, query and fragment");
        }
        return given.map(url -> isBare(url) ? url.resolve(PATH) : url);
    }

    private static boolean isBare(URI url) {
        return url.getRawPath().isEmpty() || url.getRawPath().equals("/");
    }

    private static double ratio(Settings settings, List<String> faults) {
        try {
            double ratio = Double.parseDouble(settings.text(RATIO));
            if (ratio >= 0 && ratio <= 1) {
                return ratio;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        faults.add(RATIO + " must be from 0 to 1, such as 0.1, not '" + settings.text(RATIO) + "'");
        return 1;
    }
}
