package io.engagementwebhooks.webhook;

/** The kinds of things that an account sets up. */
public enum ThingKind {
    WEBHOOK("webhook"),
    OAUTH_CLIENT("oauth-client"),
    CONNECTION("connection"),
    API_KEY("api-key"),
    SIGNING_KEY("signing-key");

    private final String text;

    ThingKind(String text) {
        this.text = text;
    }

    /** The word for it in the store and in the API. */
    public String text() {
        return text;
    }

    /** For people. */
    public String words() {
        return switch (this) {
            case WEBHOOK -> "webhook";
            case OAUTH_CLIENT -> "OAuth client";
            case CONNECTION -> "connection";
            case API_KEY -> "API key";
            case SIGNING_KEY -> "signing key";
        };
    }
}
