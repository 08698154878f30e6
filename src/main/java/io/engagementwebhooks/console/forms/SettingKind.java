package io.engagementwebhooks.console.forms;

import io.engagementwebhooks.api.SettingView;
import io.engagementwebhooks.api.definition.ApiKeyView;
import io.engagementwebhooks.api.definition.SigningKeyView;
import io.engagementwebhooks.console.deliveries.EventPages;
import io.engagementwebhooks.console.settings.SettingsList;
import io.engagementwebhooks.console.settings.SettingsPages;
import java.util.Arrays;
import java.util.Optional;

/** The kinds of resources with a form of the configuration's schema. */
public enum SettingKind {
    OAUTH_CLIENT("oauth-client", "OAuth client", "oauth-client", "oauthClient"),
    SALESFORCE("salesforce", "Salesforce connection", "connection", "salesforceConnection"),
    CONTENTSQUARE("contentsquare", "Contentsquare connection", "connection", "contentsquareConnection"),
    API_KEY("api-key", "API key", "api-key", "apiKey"),
    SIGNING_KEY("signing-key", "signing key", "signing-key", "signingKey"),
    EVENT_TYPE("event-type", "event type", "event-type", "eventTypeDefinition");

    private final String path;
    private final String words;
    private final String apiKind;
    private final SettingForm form;

    /** @param definition its name in the schema */
    SettingKind(String path, String words, String apiKind, String definition) {
        this.path = path;
        this.words = words;
        this.apiKind = apiKind;
        this.form = FormReader.bundled(path, definition, isConnection() ? path : null);
    }

    public static Optional<SettingKind> of(String path) {
        return Arrays.stream(values()).filter(kind -> kind.path.equals(path)).findFirst();
    }

    /** Its segment of the page's address. */
    public String path() {
        return path;
    }

    /** Its name on pages. */
    public String words() {
        return words;
    }

    /** Its name in the API's operations. */
    public String apiKind() {
        return apiKind;
    }

    /** Whether webhooks authenticate with it; it can be tested then. */
    public boolean isCredential() {
        return this == OAUTH_CLIENT || isConnection();
    }

    /** Whether it can be changed; else it is deleted and created again. */
    public boolean isEditable() {
        return this != SIGNING_KEY;
    }

    public SettingForm form() {
        return form;
    }

    public boolean isConnection() {
        return apiKind.equals("connection");
    }

    /** Its list of the Settings; null: its list is another page. */
    public SettingsList ofList() {
        return switch (this) {
            case OAUTH_CLIENT -> SettingsList.CLIENTS;
            case SALESFORCE, CONTENTSQUARE -> SettingsList.CONNECTIONS;
            case API_KEY -> SettingsList.API_KEYS;
            case SIGNING_KEY -> SettingsList.SIGNING_KEYS;
            case EVENT_TYPE -> null;
        };
    }

    /** Its entry of the navigation. */
    public String area() {
        return this == EVENT_TYPE ? EventPages.AREA : SettingsPages.AREA;
    }

    /** The path of the page with its list. */
    public String home() {
        return this == EVENT_TYPE ? EventPages.PATH : SettingsPages.path(ofList());
    }

    /** A generated value to show once: a key, a secret, a public key; null: nothing. */
    public String once(SettingView view) {
        if (view instanceof ApiKeyView key) {
            return key.key();
        }
        return view instanceof SigningKeyView key ? key.secret() == null ? key.publicKey() : key.secret() : null;
    }
}
