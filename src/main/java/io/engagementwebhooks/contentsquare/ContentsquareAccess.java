package io.engagementwebhooks.contentsquare;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Credentials and limits of a project's enrichments. Equal accesses share one token. Immutable; its text never has the
 * secret.
 *
 * @param tokenUrl https, or http to a loopback address if {@code allowPlainHttpLoopback}
 * @param clientId the OAuth client's id
 * @param clientSecret the OAuth client's secret
 * @param scope the requested scope, or null
 * @param projectId for account-level credentials, sent in the token request and the default of a batch; else null
 * @param endpointSuffix allowed host, including subdomains, of the endpoint in token responses; an IP address matches
 *     exactly
 * @param allowPlainHttpLoopback whether plain http to a loopback address (not a name) is allowed
 * @param requestTimeout from the start of the connect to the last response byte, including a resend, without the wait that
 *     {@link ContentsquareHttpClient.Response#waited} reports
 * @param tokenTimeout the same for a token request, which is not part of the request's time
 * @param owner whose limits apply in the HTTP client; may be null
 */
public record ContentsquareAccess(
        URI tokenUrl,
        String clientId,
        String clientSecret,
        String scope,
        Long projectId,
        String endpointSuffix,
        boolean allowPlainHttpLoopback,
        Duration requestTimeout,
        Duration tokenTimeout,
        String owner) {

    public static final String DEFAULT_TOKEN_URL = "https://api.contentsquare.com/v1/oauth/token";
    public static final String DEFAULT_ENDPOINT_SUFFIX = "contentsquare.com";
    public static final long DEFAULT_REQUEST_TIMEOUT_MILLIS = 15_000;
    public static final long DEFAULT_TOKEN_TIMEOUT_MILLIS = 10_000;

    /** @throws IllegalArgumentException if anything is missing or invalid; the message names all */
    public ContentsquareAccess {
        scope = scope == null || scope.isBlank() ? null : scope;
        List<String> faults = new ArrayList<>();
        if (isBlank(clientId)) {
            faults.add("'clientId' is missing");
        }
        if (isBlank(clientSecret)) {
            faults.add("'clientSecret' is missing");
        }
        if (isNotPositive(requestTimeout)) {
            faults.add("'requestTimeout' must be longer than 0 ms");
        }
        if (isNotPositive(tokenTimeout)) {
            faults.add("'tokenTimeout' must be longer than 0 ms");
        }
        EndpointPin.faultOfSuffix(endpointSuffix).ifPresent(fault -> faults.add("'endpointSuffix' " + fault));
        EndpointPin.faultOfUrl(tokenUrl, allowPlainHttpLoopback).ifPresent(fault -> faults.add("'tokenUrl' " + fault));
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("Contentsquare access: " + String.join("; ", faults));
        }
    }

    EndpointPin pin() {
        return new EndpointPin(endpointSuffix, allowPlainHttpLoopback);
    }

    private static boolean isBlank(String text) {
        return text == null || text.isBlank();
    }

    private static boolean isNotPositive(Duration duration) {
        return duration == null || duration.isZero() || duration.isNegative();
    }

    @Override
    public String toString() {
        return "ContentsquareAccess[tokenUrl=" + tokenUrl + ", clientId=" + clientId + ", projectId=" + projectId + "]";
    }
}
