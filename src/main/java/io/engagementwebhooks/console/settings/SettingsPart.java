package io.engagementwebhooks.console.settings;

import java.util.List;

/**
 * A page of a Settings list.
 *
 * @param items of the page
 * @param next position of the next page, or null
 * @param first link to the first page; null: this is it
 * @param narrowed whether filters apply
 */
public record SettingsPart<T>(List<T> items, String next, String first, boolean narrowed) {

    /** Whether there are more than are on the page. */
    public boolean isLong() {
        return next != null || first != null;
    }

    public boolean isEmpty() {
        return items.isEmpty();
    }
}
