package io.engagementwebhooks.contentsquare;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Set;

/**
 * A custom request to a path of the API; endpoint and token are those of the access.
 *
 * @param method POST, PUT or PATCH
 * @param path under the endpoint, beginning with one slash, such as {@code /v1/calls}; it may have a query
 * @param contentType of the body
 * @param headers further headers, without the token's
 * @param body the bytes sent; not to be changed afterwards
 */
public record ContentsquareRequest(
        String method, String path, String contentType, Map<String, String> headers, byte[] body) {

    private static final Set<String> METHODS = Set.of("POST", "PUT", "PATCH");

    /** @throws IllegalArgumentException if an argument is invalid; the message names it */
    public ContentsquareRequest {
        headers = Map.copyOf(headers);
        if (!METHODS.contains(method)) {
            throw new IllegalArgumentException("'method' must be POST, PUT or PATCH");
        }
        if (!isPath(path)) {
            throw new IllegalArgumentException("'path' must be a path of the API that begins with one slash, such as"
                    + " /v1/calls: the endpoint comes with the token");
        }
    }

    /** Refuses paths that lead to another host, or leave their prefix. */
    private static boolean isPath(String path) {
        if (path == null || !path.startsWith("/") || path.startsWith("//")) {
            return false;
        }
        try {
            URI url = new URI("https://host" + path);
            return url.getRawFragment() == null
                    && "host".equals(url.getRawAuthority())
                    && url.normalize().equals(url);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Without the query, which may hold a key. */
    @Override
    public String toString() {
        int query = path.indexOf('?');
        return method + " " + (query < 0 ? path : path.substring(0, query));
    }
}
