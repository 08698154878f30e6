package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.webhook.ApiKey;
import java.util.List;

/**
 * What every page has around its content.
 *
 * @param title in the browser's tab
 * @param area which entry of the navigation it belongs to
 * @param session null: no one has signed in
 * @param theme which colors
 * @param token for the forms of the page; null: no one has signed in
 * @param notice what is told once, or null
 * @param assets where style sheet and scripts are
 * @param product what the console is called
 */
record Frame(
        String title,
        String area,
        Session session,
        Theme theme,
        String token,
        Session.Message notice,
        Assets assets,
        String product) {

    private static final List<Entry> OF_ACCOUNT = List.of(
            new Entry("overview", "Overview"),
            new Entry("webhooks", "Webhooks"),
            new Entry("events", "Events"),
            new Entry("deliveries", "Deliveries"),
            new Entry("settings", "Settings"));
    private static final List<Entry> OF_OPERATOR = List.of(new Entry("accounts", "Accounts"));

    /** An entry of the navigation. @param area its path below the console, and its icon */
    record Entry(String area, String label) {}

    List<Entry> entries() {
        return operator() ? OF_OPERATOR : OF_ACCOUNT;
    }

    String asset(String name) {
        return assets.path(name);
    }

    /** Where the picture beside the product's name is. */
    String logo() {
        return assets.logo();
    }

    boolean signedIn() {
        return session != null;
    }

    boolean mayChange() {
        return session != null && session.mayChange();
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

    /** Whether the page has the navigation. */
    boolean navigates() {
        return session.portal() == null || session.portal().navigation();
    }

    /** Where it leads back to, in the product that it is part of; null: nowhere. */
    String back() {
        return session == null || session.portal() == null
                ? null
                : session.portal().returnTo();
    }

    /** When he signed in. */
    String since() {
        return session.began()
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                .toString();
    }

    /** Whether the colors are chosen here, and not by the product that the page is part of. */
    boolean choosesTheme() {
        return session.portal() == null;
    }

    /** The choices of colors. */
    List<Theme> themes() {
        return List.of(Theme.values());
    }

    /** For {@code aria-current}. */
    String current(String entry) {
        return entry.equals(area) ? "page" : null;
    }
}
