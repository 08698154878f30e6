package io.engagementwebhooks.console;

import io.engagementwebhooks.console.forms.Form;
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
 * @param call the request
 * @param segments the decoded path below {@code /console}
 * @param form submitted fields; empty for a GET
 * @param from client address as a literal
 * @param host requested by the browser, with a non-default port
 * @param overTls whether the browser uses https
 */
public record PageRequest(HttpCall call, List<String> segments, Form form, String from, String host, boolean overTls) {

    /**
     * @param behindTls whether a proxy ends TLS
     * @param addresses finds client addresses
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

    /** The origin of this installation for the browser. */
    public String site() {
        return (overTls ? "https://" : "http://") + host;
    }

    /**
     * Whether another site caused this request. Browsers omit {@code Sec-Fetch-Site} on untrusted connections; {@code
     * Origin} comes with every form.
     */
    boolean isFromOtherSite() {
        String site = call.header("sec-fetch-site");
        if (site != null) {
            return !site.equals("same-origin") && !site.equals("none");
        }
        String origin = call.header("origin");
        return origin != null && !isSite(origin);
    }

    /** Compares without the scheme if a proxy may end TLS. */
    private boolean isSite(String origin) {
        return origin.equalsIgnoreCase("https://" + host) || !overTls && origin.equalsIgnoreCase("http://" + host);
    }

    public boolean isPost() {
        return call.method().equals("POST");
    }

    /** A segment of the path, empty if there is none. */
    public String segment(int index) {
        return index < segments.size() ? segments.get(index) : "";
    }

    /** The parameters of the query. */
    public Form query() {
        return new Form(call.query());
    }

    /** Whether htmx requests a fragment, which follows no redirect. */
    public boolean isPartial() {
        return "true".equals(call.header("hx-request"));
    }

    /** The theme in the browser's cookie. */
    Theme theme() {
        return Theme.of(cookie(Theme.COOKIE));
    }

    /** The requested path and query. */
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

    /** Path and query of the page that sent the form or requests the fragment; empty: unknown. */
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

    /** The value of a cookie, or empty. */
    String cookie(String name) {
        return cookies(call.headers().getOrDefault("cookie", List.of()), name).stream()
                .findFirst()
                .orElse("");
    }

    /** The values of a cookie in headers. */
    static List<String> cookies(List<String> headers, String name) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(";")))
                .map(String::strip)
                .filter(cookie -> cookie.startsWith(name + "="))
                .map(cookie -> cookie.substring(name.length() + 1))
                .toList();
    }
}
