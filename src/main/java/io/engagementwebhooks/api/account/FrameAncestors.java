package io.engagementwebhooks.api.account;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Origins whose pages may frame the console, and to which it may link back. Immutable.
 *
 * @param origins such as {@code https://app.example.com}; empty: none
 */
public record FrameAncestors(List<String> origins) {

    /** No page may frame the console. */
    public static final FrameAncestors NONE = new FrameAncestors(List.of());

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    public FrameAncestors {
        origins = List.copyOf(origins);
    }

    /**
     * Parses a list of origins.
     *
     * @param text separated by commas or spaces
     * @throws IllegalArgumentException naming the item and the rule
     */
    public static FrameAncestors parse(String text) {
        List<String> origins = new ArrayList<>();
        for (String item : text.strip().split("[,\\s]+")) {
            if (!item.isEmpty()) {
                origins.add(parsed(item));
            }
        }
        return new FrameAncestors(origins);
    }

    private static String parsed(String item) {
        String origin = origin(item);
        if (origin == null || item.matches(".*//.*[/?#].*")) {
            throw new IllegalArgumentException("'" + item
                    + "' is not an origin; write https://host or https://host:port, without path and wildcard"
                    + " (http:// only for 127.0.0.1 and localhost)");
        }
        return origin;
    }

    /** The origin of a URL; null: it has none that may be listed. */
    public static String origin(String url) {
        try {
            URI uri = new URI(url);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
            boolean isHttps = scheme.equals("https");
            if (host.isEmpty()
                    || uri.getRawUserInfo() != null
                    || !isHttps && !(scheme.equals("http") && LOOPBACK.contains(host))) {
                return null;
            }
            int usual = isHttps ? 443 : 80;
            return scheme + "://" + host + (uri.getPort() < 0 || uri.getPort() == usual ? "" : ":" + uri.getPort());
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Whether a URL is at one of these origins. */
    public boolean has(String url) {
        String origin = origin(url);
        return origin != null && origins.contains(origin);
    }

    /** Whether an origin needs https: browsers then send cookies to a framed console only with https. */
    public boolean needHttps() {
        return origins.stream().anyMatch(origin -> origin.startsWith("https:"));
    }

    /** The sources of the CSP directive {@code frame-ancestors}. */
    public String policy() {
        return origins.isEmpty() ? "'none'" : String.join(" ", origins);
    }
}
