package io.engagementwebhooks.console.text;

/** The command {@code listen} for this installation, quoted for POSIX shells. */
public final class ListenText {

    private ListenText() {}

    /**
     * @param site the origin of the installation
     * @param webhook its name; empty: the default
     * @param key of a portal session, or null: the user's API key, in a variable
     */
    public static String command(String site, String webhook, String key) {
        return "ENGAGEMENT_WEBHOOKS_KEY=" + (key == null ? "\"$KEY\"" : key)
                + " java -jar engagement-webhooks.jar listen \\\n  --to http://localhost:3000/hook \\\n  --url "
                + Curl.quoted(site)
                + (webhook.isEmpty() ? "" : " \\\n  --webhook " + Curl.quoted(webhook));
    }
}
