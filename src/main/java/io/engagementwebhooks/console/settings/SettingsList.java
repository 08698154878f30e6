package io.engagementwebhooks.console.settings;

import io.engagementwebhooks.api.AuditView;
import io.engagementwebhooks.api.Operation;
import io.engagementwebhooks.api.account.PortalSessionView;
import io.engagementwebhooks.api.definition.ApiKeyView;
import io.engagementwebhooks.api.definition.ConnectionView;
import io.engagementwebhooks.api.definition.EventTypeView;
import io.engagementwebhooks.api.definition.OAuthClientView;
import io.engagementwebhooks.api.definition.SigningKeyView;
import io.engagementwebhooks.console.Branding;
import io.engagementwebhooks.console.signin.Session;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The lists of the Settings, one page each. */
public enum SettingsList {
    CLIENTS("oauth-clients", "OAuth clients", "list-oauth-clients", OAuthClientView.class, "link"),
    CONNECTIONS("connections", "Connections", "list-connections", ConnectionView.class, "external"),
    SIGNING_KEYS("signing-keys", "Signing keys", "list-signing-keys", SigningKeyView.class, "key"),
    API_KEYS("api-keys", "API keys", "list-api-keys", ApiKeyView.class, "key"),
    PORTAL_LINKS("portal-links", "Portal links", "list-portal-sessions", PortalSessionView.class, "user"),
    NOTIFICATIONS("notifications", "Notifications", "list-event-types", EventTypeView.class, "bell"),
    APPEARANCE("appearance", "Appearance", "", Branding.class, "appearance"),
    AUDIT("audit", "Audit", "list-audit", AuditView.class, "clock");

    private final String path;
    private final String title;
    private final String step;
    private final Class<?> type;
    private final String icon;

    SettingsList(String path, String title, String step, Class<?> type, String icon) {
        this.path = path;
        this.title = title;
        this.step = step;
        this.type = type;
        this.icon = icon;
    }

    static Optional<SettingsList> of(String path) {
        return Arrays.stream(values()).filter(list -> list.path.equals(path)).findFirst();
    }

    /** Lists that a session may read, in their order. */
    public static List<SettingsList> readBy(Session session) {
        return Arrays.stream(values()).filter(list -> list.isReadBy(session)).toList();
    }

    public boolean isReadBy(Session session) {
        return step.isEmpty()
                || Operation.of(step).access().allows(session.caller().key().role());
    }

    /** Its segment of the page's address. */
    public String path() {
        return path;
    }

    public String title() {
        return title;
    }

    public String icon() {
        return icon;
    }

    /** The API's step that lists them; empty: none does. */
    public String step() {
        return step;
    }

    /** The type of its items. */
    public Class<?> type() {
        return type;
    }

    /** Its template. */
    String template() {
        return "settings-" + path;
    }

    /** Whether it can be filtered by name and attention. */
    public boolean canBeNarrowed() {
        return this == CLIENTS || this == CONNECTIONS || this == SIGNING_KEYS || this == API_KEYS;
    }

    /** The names in the path of an account's list in the API. */
    public String[] names(Session session) {
        return this == PORTAL_LINKS ? new String[] {session.caller().account().id()} : new String[0];
    }
}
