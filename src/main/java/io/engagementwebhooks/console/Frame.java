package io.engagementwebhooks.console;

import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.webhook.ApiKey;
import java.util.List;

/**
 * Layout data of every page.
 *
 * @param title in the browser's tab
 * @param area entry of the navigation
 * @param session null: not signed in
 * @param theme its colors
 * @param token for forms of the page; null: not signed in
 * @param notice shown once, or null
 * @param renderer of the page
 */
record Frame(
        String title,
        String area,
        Session session,
        Theme theme,
        String token,
        Session.Message notice,
        PageRenderer renderer) {

    private static final List<Entry> OF_ACCOUNT = List.of(
            new Entry("overview", "Overview"),
            new Entry("webhooks", "Webhooks"),
            new Entry("events", "Events"),
            new Entry("deliveries", "Deliveries"),
            new Entry("settings", "Settings"));
    private static final List<Entry> OF_OPERATOR =
            List.of(new Entry("accounts", "Accounts"), new Entry(AppearancePage.AREA, "Appearance"));

    /** An entry of the navigation. @param area its path below the console, and its icon */
    record Entry(String area, String label) {}

    Assets assets() {
        return renderer.assets();
    }

    /** Name of the console. */
    String product() {
        return renderer.product();
    }

    /** The title of the Kamelet that a URL stands for, or the URL. */
    String target(String url) {
        return renderer.target(url);
    }

    List<Entry> entries() {
        return operator() ? OF_OPERATOR : OF_ACCOUNT;
    }

    boolean signedIn() {
        return session != null;
    }

    boolean mayChange() {
        return session != null && session.mayChange();
    }

    boolean isOfPortal() {
        return session != null && session.portal() != null;
    }

    boolean operator() {
        return session != null && session.mayOperate();
    }

    String key() {
        String name = session.caller().key().name();
        if (session.portal() != null) {
            return "portal session";
        }
        return name.startsWith(ApiKey.OF_PROVIDER) ? name.substring(ApiKey.OF_PROVIDER.length()) : "key " + name;
    }

    String role() {
        return session.caller().key().role().name().toLowerCase(java.util.Locale.ROOT);
    }

    String account() {
        return operator() ? "all accounts" : session.caller().account().id();
    }

    /** Headers of the page's requests for fragments: they are refused after another account has signed in. */
    String headers() {
        return "{\"X-Account\": \"" + session.caller().account().id() + "\"}";
    }

    /** Whether the navigation is at the side; false: tabs on top. */
    boolean isBeside() {
        return session.portal() == null || session.portal().navigation();
    }

    /** URL of the embedding product, or null. */
    String host() {
        return session == null || session.portal() == null
                ? null
                : session.portal().host();
    }

    /** URL of the embedding product to link back to; null: none. */
    String back() {
        return session == null || session.portal() == null
                ? null
                : session.portal().returnTo();
    }

    /** Time of the sign-in. */
    String since() {
        return session.began()
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                .toString();
    }

    /** Whether the user chooses the theme, and not the embedding product. */
    boolean choosesTheme() {
        return session.portal() == null;
    }

    /** For {@code aria-current}. */
    String current(String entry) {
        return entry.equals(area) ? "page" : null;
    }
}
