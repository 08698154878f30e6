package io.engagementwebhooks.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A response to the browser.
 *
 * @param status the HTTP status
 * @param headers by name
 * @param cookies values of {@code Set-Cookie}
 * @param body null: none
 */
public record PageAnswer(int status, Map<String, String> headers, List<String> cookies, byte[] body) {

    /** Compressing a smaller page saves no packet. */
    private static final int SMALL = 1_200;

    /** One that sets no cookie. */
    public PageAnswer(int status, Map<String, String> headers, byte[] body) {
        this(status, headers, List.of(), body);
    }

    static PageAnswer html(int status, byte[] page) {
        return new PageAnswer(status, Map.of("Content-Type", "text/html; charset=utf-8"), page);
    }

    /** Redirects to a page, which the browser gets with GET. */
    public static PageAnswer goTo(PageRequest request, String path) {
        return request.isPartial()
                ? new PageAnswer(204, Map.of("HX-Redirect", path), null)
                : new PageAnswer(303, Map.of("Location", path), null);
    }

    /** Redirects to another site. */
    static PageAnswer leadTo(java.net.URI address) {
        return new PageAnswer(303, Map.of("Location", address.toString()), null);
    }

    /** Compressed, if the browser accepts it and it is not small already. */
    PageAnswer compressed(PageRequest request) {
        boolean isPage = headers.getOrDefault("Content-Type", "").startsWith("text/html");
        if (!isPage || body == null || body.length < SMALL || !request.takesGzip()) {
            return this;
        }
        return new PageAnswer(status, headers, cookies, Gzip.of(body))
                .with("Content-Encoding", "gzip")
                .with("Vary", "Accept-Encoding");
    }

    public PageAnswer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new PageAnswer(status, more, cookies, body);
    }

    /** The same with cookies. */
    PageAnswer setting(String... values) {
        return new PageAnswer(status, headers, List.of(values), body);
    }

    /** Leaves out values: a cookie may be that of a session, and a page may show a new key. */
    @Override
    public String toString() {
        return status + " " + headers.keySet();
    }
}
