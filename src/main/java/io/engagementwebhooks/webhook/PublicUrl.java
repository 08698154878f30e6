package io.engagementwebhooks.webhook;

import java.net.URI;

/**
 * Formats URLs for display: without user and password, and without values of query parameters. The path of a Slack
 * webhook is hidden, since it is a secret.
 *
 * @see <a href="https://api.slack.com/messaging/webhooks">Slack: keep it secret</a>
 */
public final class PublicUrl {

    private static final String SLACK = "hooks.slack.com";
    private static final String SLACK_PATH = "/services/";

    private PublicUrl() {}

    public static String of(URI url) {
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getScheme() + "://" + url.getHost() + port + path(url);
    }

    /** Path and query alone. */
    public static String path(URI url) {
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        boolean isSecret = SLACK.equalsIgnoreCase(url.getHost()) && path.startsWith(SLACK_PATH);
        return (isSecret ? SLACK_PATH + "…" : path) + query(url.getRawQuery());
    }

    private static String query(String raw) {
        return raw == null ? "" : "?" + raw.replaceAll("=[^&]*", "=…").replaceAll("(^|&)[^=&]+(?=&|$)", "$1…");
    }
}
