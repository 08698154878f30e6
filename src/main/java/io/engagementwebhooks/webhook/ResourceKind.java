package io.engagementwebhooks.webhook;

import java.util.Arrays;

/** The kinds of resources. */
public enum ResourceKind {
    WEBHOOK("webhook", "wh_"),
    OAUTH_CLIENT("oauth-client", "oc_"),
    CONNECTION("connection", "cn_"),
    API_KEY("api-key", "key_"),
    SIGNING_KEY("signing-key", "sk_"),
    EVENT_TYPE("event-type", "et_");

    private final String text;
    private final String idPrefix;

    ResourceKind(String text, String idPrefix) {
        this.text = text;
        this.idPrefix = idPrefix;
    }

    /** The kind of this text. @throws IllegalArgumentException if unknown */
    public static ResourceKind of(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown kind '" + text + "'"));
    }

    /** The prefix of its ids, reserved, so that no name starts with it. */
    public String idPrefix() {
        return idPrefix;
    }

    /** Whether a text is an id of this kind, not a name. */
    public boolean isId(String text) {
        return text.startsWith(idPrefix);
    }

    /** The name in the store and in the API. */
    public String text() {
        return text;
    }

    /** The name on screens. */
    public String words() {
        return switch (this) {
            case WEBHOOK -> "webhook";
            case OAUTH_CLIENT -> "OAuth client";
            case CONNECTION -> "connection";
            case API_KEY -> "API key";
            case SIGNING_KEY -> "signing key";
            case EVENT_TYPE -> "event type";
        };
    }

    /** The member of a definition that names the resource. */
    public String nameKey() {
        return switch (this) {
            case SIGNING_KEY -> "id";
            case EVENT_TYPE -> "type";
            default -> "name";
        };
    }
}
