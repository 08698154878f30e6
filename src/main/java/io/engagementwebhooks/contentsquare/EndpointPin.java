package io.engagementwebhooks.contentsquare;

import io.engagementwebhooks.credential.TrustedHosts;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The allowed endpoints of token responses. The bearer token is sent to the endpoint, so it is restricted: https, and a
 * host equal to the suffix or below it; an IP address only if it is the suffix itself.
 *
 * @param suffix a host, or an IP address as written in a URL
 * @param allowPlainHttpLoopback whether plain http to a loopback address is allowed
 */
record EndpointPin(String suffix, boolean allowPlainHttpLoopback) {

    private static final Pattern HOST = Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+]");
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.(0|[1-9]\\d{0,2})){3}|\\[::1]");

    /**
     * The endpoint without the enrichments path, which some responses include.
     *
     * @throws IllegalArgumentException if the endpoint is refused; the message has the form "… must be …"
     */
    URI endpoint(String endpoint) {
        URI url = parsed(endpoint);
        faultOfUrl(url, allowPlainHttpLoopback).ifPresent(fault -> {
            throw new IllegalArgumentException(fault);
        });
        if (!new TrustedHosts(List.of(suffix)).covers(url.getHost())) {
            throw new IllegalArgumentException("names host '" + url.getHost() + "', which must be '" + suffix
                    + "' or end in '." + suffix + "' (option 'endpointSuffix')");
        }
        return IssuedToken.withoutPath(url);
    }

    private static URI parsed(String endpoint) {
        try {
            return new URI(endpoint);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("must be a URL");
        }
    }

    /** The fault of a URL for credentials or tokens, in the form "must …". */
    static Optional<String> faultOfUrl(URI url, boolean allowPlainHttpLoopback) {
        if (url == null || url.getScheme() == null || url.getHost() == null) {
            return Optional.of("must be an absolute URL with a host");
        }
        if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
            return Optional.of("must have no user, query or fragment");
        }
        if (url.getScheme().equalsIgnoreCase("https")) {
            return Optional.empty();
        }
        boolean loopback =
                LOOPBACK.matcher(url.getHost().toLowerCase(Locale.ROOT)).matches();
        if (url.getScheme().equalsIgnoreCase("http") && loopback && allowPlainHttpLoopback) {
            return Optional.empty();
        }
        return Optional.of(
                "must be https (plain http only to a loopback address and with option 'allowPlainHttpLoopback')");
    }

    /** The fault of a suffix, in the form "must …". */
    static Optional<String> faultOfSuffix(String suffix) {
        return suffix != null && HOST.matcher(suffix.toLowerCase(Locale.ROOT)).matches()
                ? Optional.empty()
                : Optional.of("must be a host such as 'contentsquare.com', without scheme, port, path or leading dot");
    }
}
