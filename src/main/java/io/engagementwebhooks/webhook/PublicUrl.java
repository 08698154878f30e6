package io.engagementwebhooks.webhook;

import java.net.URI;

/** A URL as it may be shown: without user and password, and with the names of a query's parameters but not their values. */
public final class PublicUrl {

    private PublicUrl() {}

    public static String of(URI url) {
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getScheme() + "://" + url.getHost() + port + path(url);
    }

    /** Path and query alone. */
    public static String path(URI url) {
        return (url.getRawPath() == null ? "" : url.getRawPath()) + query(url.getRawQuery());
    }

    private static String query(String raw) {
        return raw == null ? "" : "?" + raw.replaceAll("=[^&]*", "=…").replaceAll("(^|&)[^=&]+(?=&|$)", "$1…");
    }
}
