package io.engagementwebhooks.server;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Checks {@code Host}: a single valid value that equals the host of an absolute address. Otherwise proxies and servers
 * may choose different ones, which enables attacks.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-3.2">RFC 9112, 3.2</a>
 */
final class HostHeader {

    private HostHeader() {}

    /** The fault of a request's host, or empty. */
    static Optional<Problem> fault(HttpServerRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaders.HOST);
        if (hosts.size() > 1) {
            return refused("the request has " + hosts.size() + " Host headers; send one");
        }
        if (hosts.isEmpty()) {
            return request.version() == HttpVersion.HTTP_1_0
                    ? Optional.empty()
                    : refused("the request has no Host header; send one");
        }
        String host = hosts.get(0);
        if (!host.isEmpty() && request.authority() == null) {
            return refused("the Host header is not a host with an optional port");
        }
        String authority = authority(request.uri());
        return authority == null || authority.equalsIgnoreCase(host)
                ? Optional.empty()
                : refused("the Host header differs from the host in the address; send the same");
    }

    private static Optional<Problem> refused(String detail) {
        return Optional.of(Problem.badRequest("bad-host", detail));
    }

    /** The authority of an absolute address, or null: it is a path. */
    private static String authority(String uri) {
        if (uri.startsWith("/") || uri.equals("*")) {
            return null;
        }
        int scheme = uri.toLowerCase(Locale.ROOT).indexOf("://");
        if (scheme < 0) {
            return null;
        }
        int from = scheme + 3;
        int end = from;
        while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
            end++;
        }
        return uri.substring(from, end);
    }
}
