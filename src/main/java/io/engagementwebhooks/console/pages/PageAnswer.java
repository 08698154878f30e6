package io.engagementwebhooks.console.pages;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is sent to the browser.
 *
 * @param status the HTTP status
 * @param headers by name
 * @param body null: none
 */
record PageAnswer(int status, Map<String, String> headers, byte[] body) {

    /** Bytes below which compressing a page saves no packet. */
    private static final int SMALL = 1_200;

    static PageAnswer html(int status, byte[] page) {
        return new PageAnswer(status, Map.of("Content-Type", "text/html; charset=utf-8"), page);
    }

    /** On to another page, which the browser asks for by GET. */
    static PageAnswer goTo(PageRequest request, String path) {
        return request.isPartial()
                ? new PageAnswer(204, Map.of("HX-Redirect", path), null)
                : new PageAnswer(303, Map.of("Location", path), null);
    }

    /** To another site. */
    static PageAnswer leadTo(java.net.URI address) {
        return new PageAnswer(303, Map.of("Location", address.toString()), null);
    }

    /** The same, smaller, for a browser that takes it so; what is small already stays as it is. */
    PageAnswer compressed(PageRequest request) {
        boolean isPage = headers.getOrDefault("Content-Type", "").startsWith("text/html");
        if (!isPage || body == null || body.length < SMALL || !request.takesGzip()) {
            return this;
        }
        return new PageAnswer(status, headers, Gzip.of(body))
                .with("Content-Encoding", "gzip")
                .with("Vary", "Accept-Encoding");
    }

    PageAnswer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new PageAnswer(status, more, body);
    }

    /** Without values: a cookie is among the headers, and a page may show a key that was made. */
    @Override
    public String toString() {
        return status + " " + headers.keySet();
    }
}
