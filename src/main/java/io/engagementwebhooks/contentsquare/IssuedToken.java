package io.engagementwebhooks.contentsquare;

import io.engagementwebhooks.credential.CachedToken.Life;
import java.net.URI;

/**
 * A token and where it may be used: one value, cached and replaced together. Compared by identity where the question is
 * whether the cache still holds it.
 *
 * @param value the bearer token
 * @param endpoint checked; without a slash at its end and without the path of enrichments
 * @param life how long it is used
 */
record IssuedToken(String value, URI endpoint, Life life) {

    private static final String ENRICHMENTS = "/v1/enrichments";

    URI enrichmentsUrl() {
        return url(ENRICHMENTS);
    }

    /** Where a path of the API is. @param path begins with one slash */
    URI url(String path) {
        return URI.create(endpoint + path);
    }

    /** An endpoint without the path of enrichments, which some answers have at its end and some have not. */
    static URI withoutPath(URI endpoint) {
        String base = endpoint.toString().replaceFirst("/+$", "");
        String host = base.endsWith(ENRICHMENTS) ? base.substring(0, base.length() - ENRICHMENTS.length()) : base;
        return URI.create(host.replaceFirst("/+$", ""));
    }

    @Override
    public String toString() {
        return "token for " + endpoint + " until " + life.usableUntil();
    }
}
