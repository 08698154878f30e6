package io.engagementwebhooks.webhook.config;

/** The token URL of an OAuth client, from its authentication endpoint and token path. */
public final class TokenUrl {

    private TokenUrl() {}

    /**
     * Joins them by exactly one slash. An endpoint with a query, or one that ends with the token path, is unchanged; so
     * is one with an empty token path.
     */
    public static String of(String authenticationEndpoint, String tokenPath) {
        String path = tokenPath.startsWith("/") ? tokenPath.substring(1) : tokenPath;
        String endpoint = withoutSlash(authenticationEndpoint);
        if (path.isEmpty()
                || authenticationEndpoint.indexOf('?') >= 0
                || pathOf(endpoint).endsWith("/" + withoutSlash(path))) {
            return authenticationEndpoint;
        }
        return endpoint + "/" + path;
    }

    private static String pathOf(String url) {
        int scheme = url.indexOf("://");
        int path = url.indexOf('/', scheme < 0 ? 0 : scheme + "://".length());
        return path < 0 ? "" : url.substring(path);
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
