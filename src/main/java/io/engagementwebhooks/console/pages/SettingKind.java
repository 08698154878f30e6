package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ApiKeyView;
import io.engagementwebhooks.console.ConnectionView;
import io.engagementwebhooks.console.OAuthClientView;
import io.engagementwebhooks.console.SettingView;
import io.engagementwebhooks.console.SigningKeyView;
import java.util.Arrays;
import java.util.Optional;

/** The kinds of things on the Settings page, each with its form. */
enum SettingKind {
    OAUTH_CLIENT("oauth-client", "OAuth client", "oauth-client", "showOAuthClient", "testOAuthClient", "oauthClient"),
    SALESFORCE(
            "salesforce",
            "Salesforce connection",
            "connection",
            "showConnection",
            "testConnection",
            "salesforceConnection"),
    CONTENTSQUARE(
            "contentsquare",
            "Contentsquare connection",
            "connection",
            "showConnection",
            "testConnection",
            "contentsquareConnection"),
    API_KEY("api-key", "API key", "api-key", "showApiKey", null, "apiKey"),
    SIGNING_KEY("signing-key", "signing key", "signing-key", "showSigningKey", null, "signingKey");

    private final String path;
    private final String words;
    private final String apiKind;
    private final String showStep;
    private final String testStep;
    private final SettingForm form;

    /** @param definition what it is called in the schema */
    SettingKind(String path, String words, String apiKind, String showStep, String testStep, String definition) {
        this.path = path;
        this.words = words;
        this.apiKind = apiKind;
        this.showStep = showStep;
        this.testStep = testStep;
        this.form = SettingFormReader.bundled(path, definition, isConnection() ? path : null);
    }

    static Optional<SettingKind> of(String path) {
        return Arrays.stream(values()).filter(kind -> kind.path.equals(path)).findFirst();
    }

    /** Its part of the page's address. */
    String path() {
        return path;
    }

    /** For people. */
    String words() {
        return words;
    }

    /** What it is called in the API's steps; with an s in its paths. */
    String apiKind() {
        return apiKind;
    }

    /** In the API's paths. */
    String list() {
        return apiKind + "s";
    }

    String showStep() {
        return showStep;
    }

    /** The step that tries one out, or null: it cannot be tried out. */
    String testStep() {
        return testStep;
    }

    /** Whether it can be changed once it is there; else it is removed and another made. */
    boolean isEditable() {
        return this != SIGNING_KEY;
    }

    SettingForm form() {
        return form;
    }

    boolean isConnection() {
        return apiKind.equals("connection");
    }

    /** The list it is in. */
    SettingsList ofList() {
        return switch (this) {
            case OAUTH_CLIENT -> SettingsList.CLIENTS;
            case SALESFORCE, CONTENTSQUARE -> SettingsList.CONNECTIONS;
            case API_KEY -> SettingsList.API_KEYS;
            case SIGNING_KEY -> SettingsList.SIGNING_KEYS;
        };
    }

    /** The name of one. */
    String name(SettingView view) {
        if (view instanceof OAuthClientView client) {
            return client.name();
        }
        if (view instanceof ConnectionView connection) {
            return connection.name();
        }
        return view instanceof ApiKeyView key ? key.name() : ((SigningKeyView) view).id();
    }

    /** What is shown this once: a key, a secret, the public half of a pair; null: nothing. */
    String once(SettingView view) {
        if (view instanceof ApiKeyView key) {
            return key.key();
        }
        return view instanceof SigningKeyView key ? key.secret() == null ? key.publicKey() : key.secret() : null;
    }

    /** The member that names it. */
    String nameKey() {
        return this == SIGNING_KEY ? "id" : "name";
    }
}
