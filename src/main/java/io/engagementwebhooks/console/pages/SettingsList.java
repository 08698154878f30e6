package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ApiKeyView;
import io.engagementwebhooks.console.AuditView;
import io.engagementwebhooks.console.ConnectionView;
import io.engagementwebhooks.console.EventTypeView;
import io.engagementwebhooks.console.OAuthClientView;
import io.engagementwebhooks.console.Operation;
import io.engagementwebhooks.console.PortalSessionView;
import io.engagementwebhooks.console.SigningKeyView;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The lists of the Settings, one page each. */
enum SettingsList {
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
    static List<SettingsList> readBy(Session session) {
        return Arrays.stream(values()).filter(list -> list.isReadBy(session)).toList();
    }

    boolean isReadBy(Session session) {
        return step.isEmpty()
                || Operation.of(step).access().allows(session.caller().key().role());
    }

    /** Its segment of the page's address. */
    String path() {
        return path;
    }

    String title() {
        return title;
    }

    String icon() {
        return icon;
    }

    /** The API's step that lists them; empty: none does. */
    String step() {
        return step;
    }

    /** The type of its items. */
    Class<?> type() {
        return type;
    }

    /** Its template. */
    String template() {
        return "settings-" + path;
    }

    /** Whether it can be filtered by name and attention. */
    boolean canBeNarrowed() {
        return this == CLIENTS || this == CONNECTIONS || this == SIGNING_KEYS || this == API_KEYS;
    }

    /** The names in the path of an account's list in the API. */
    String[] names(Session session) {
        return this == PORTAL_LINKS ? new String[] {session.caller().account().id()} : new String[0];
    }
}
