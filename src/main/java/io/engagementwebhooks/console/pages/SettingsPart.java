package io.engagementwebhooks.console.pages;

import java.util.List;

/**
 * A page of one kind of things of the Settings.
 *
 * @param items those on the page
 * @param next where the list goes on, or null
 * @param first where it begins; null: here
 * @param narrowed whether only some of them are asked for
 */
record SettingsPart<T>(List<T> items, String next, String first, boolean narrowed) {

    /** Whether there are more than are on the page. */
    boolean isLong() {
        return next != null || first != null;
    }

    boolean isEmpty() {
        return items.isEmpty();
    }
}
