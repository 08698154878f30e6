package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.server.ClientAddresses;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * A request for a page.
 *
 * @param call the request as it came
 * @param segments the path behind {@code /console}, decoded
 * @param form what was sent; empty for a GET
 * @param from where it came from, as a literal
 * @param host where the browser sent it, with the port where it is not the usual one
 * @param overTls whether the browser sent it by https
 */
record PageRequest(HttpCall call, List<String> segments, Form form, String from, String host, boolean overTls) {

    /**
     * @param behindTls whether browsers come by https though we do not see it
     * @param addresses where requests come from
     */
    static PageRequest of(Exchange exchange, boolean behindTls, ClientAddresses addresses) {
        HttpCall call = HttpCall.of(exchange);
        HttpServerRequest request = ((HttpMessage) exchange.getIn()).getRequest();
        return new PageRequest(
                call,
                segments(call.path()),
                form(request.formAttributes()),
                addresses.of(request),
                host(request),
                behindTls || request.isSSL());
    }

    private static String host(HttpServerRequest request) {
        HostAndPort asked = request.authority();
        return asked == null ? request.localAddress().toString() : asked.toString();
    }

    private static List<String> segments(String path) {
        List<String> segments = Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(PageRequest::decoded)
                .toList();
        return segments.isEmpty() ? segments : segments.subList(1, segments.size());
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.badRequest("bad-path", "the address is not percent-encoded UTF-8"));
        }
    }

    private static Form form(MultiMap attributes) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        attributes.forEach((name, value) ->
                fields.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value));
        return new Form(fields);
    }

    /** Where this installation is, as the browser knows it. */
    String site() {
        return (overTls ? "https://" : "http://") + host;
    }

    /**
     * Whether the browser says that a page of another site sends this. Browsers leave {@code Sec-Fetch-Site} out where they
     * do not trust the connection; {@code Origin} is sent with every form.
     */
    boolean isFromOtherSite() {
        String site = call.header("sec-fetch-site");
        if (site != null) {
            return !site.equals("same-origin") && !site.equals("none");
        }
        String origin = call.header("origin");
        return origin != null && !isSite(origin);
    }

    /** Where TLS may end in front unknown to us, the scheme of the browser is not known. */
    private boolean isSite(String origin) {
        return origin.equalsIgnoreCase("https://" + host) || !overTls && origin.equalsIgnoreCase("http://" + host);
    }

    boolean isPost() {
        return call.method().equals("POST");
    }

    /** A part of the path, empty where it is not so long. */
    String segment(int index) {
        return index < segments.size() ? segments.get(index) : "";
    }

    /** What is asked of the page in the address. */
    Form query() {
        return new Form(call.query());
    }

    /** Whether htmx asks, which takes a part of the page and does not follow redirects as a browser does. */
    boolean isPartial() {
        return "true".equals(call.header("hx-request"));
    }

    /** The colors that the browser asks for. */
    Theme theme() {
        return Theme.of(cookie(Theme.COOKIE));
    }

    /** The path and the query that are asked for. */
    String address() {
        StringBuilder address = new StringBuilder(call.path());
        call.query()
                .forEach((name, values) -> values.forEach(
                        value -> address.append(address.length() == call.path().length() ? '?' : '&')
                                .append(Api.encoded(name))
                                .append('=')
                                .append(Api.encoded(value))));
        return address.toString();
    }

    /** The path and the query of our page that a form or a part of a page is asked from; empty: unknown. */
    String page() {
        String from = call.header(isPartial() ? "hx-current-url" : "referer");
        try {
            URI page = new URI(from == null ? "" : from);
            return !host.equals(page.getAuthority())
                    ? ""
                    : page.getRawPath() + (page.getRawQuery() == null ? "" : "?" + page.getRawQuery());
        } catch (URISyntaxException e) {
            return "";
        }
    }

    boolean takesGzip() {
        String accepted = call.header("accept-encoding");
        return accepted != null && accepted.contains("gzip");
    }

    /** The value of a cookie, or an empty text. */
    String cookie(String name) {
        return cookies(call.headers().getOrDefault("cookie", List.of()), name).stream()
                .findFirst()
                .orElse("");
    }

    /** The values of a cookie among those of headers. */
    static List<String> cookies(List<String> headers, String name) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(";")))
                .map(String::strip)
                .filter(cookie -> cookie.startsWith(name + "="))
                .map(cookie -> cookie.substring(name.length() + 1))
                .toList();
    }
}
