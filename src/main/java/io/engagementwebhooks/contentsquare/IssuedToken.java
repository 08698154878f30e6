package io.engagementwebhooks.contentsquare;

import io.engagementwebhooks.credential.CachedToken.Life;
import java.net.URI;

/**
 * A token with its endpoint, cached and replaced together. Compared by identity, to detect whether the cache still has
 * it.
 *
 * @param value the bearer token
 * @param endpoint checked; without trailing slash and enrichments path
 * @param life its lifetime
 */
record IssuedToken(String value, URI endpoint, Life life) {

    private static final String ENRICHMENTS = "/v1/enrichments";

    URI enrichmentsUrl() {
        return url(ENRICHMENTS);
    }

    /** The URL of an API path. @param path starts with one slash */
    URI url(String path) {
        return URI.create(endpoint + path);
    }

    /** An endpoint without the enrichments path, which some responses include. */
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
