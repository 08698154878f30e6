package io.engagementwebhooks.config.read;

/** The token URL of an OAuth client: its authentication endpoint, joined with its token path. */
public final class TokenUrl {

    private TokenUrl() {}

    /**
     * Joins endpoint and path with exactly one slash.
     *
     * @param authenticationEndpoint returned unchanged if it has a query or already ends with the path
     * @param tokenPath may start with a slash; empty: the endpoint is the token URL
     */
    public static String of(String authenticationEndpoint, String tokenPath) {
        String endpoint = withoutLastSlash(authenticationEndpoint);
        String path = tokenPath.startsWith("/") ? tokenPath.substring(1) : tokenPath;
        return path.isEmpty() || hasQuery(authenticationEndpoint) || endsWith(endpoint, path)
                ? authenticationEndpoint
                : endpoint + "/" + path;
    }

    private static boolean hasQuery(String url) {
        return url.indexOf('?') >= 0;
    }

    private static boolean endsWith(String endpoint, String path) {
        return pathOf(endpoint).endsWith("/" + withoutLastSlash(path));
    }

    private static String pathOf(String url) {
        int scheme = url.indexOf("://");
        int path = url.indexOf('/', scheme < 0 ? 0 : scheme + "://".length());
        return path < 0 ? "" : url.substring(path);
    }

    private static String withoutLastSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
