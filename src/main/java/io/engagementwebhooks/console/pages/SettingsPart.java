package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One kind of things on the Settings page, a page of them.
 *
 * @param items those on the page
 * @param next where the list goes on, or null
 * @param first where it begins; null: here
 * @param empty what to say where there is none on it; null: that there is none at all
 */
record SettingsPart(JsonNode items, String next, String first, String empty) {

    /** Whether there are more than are on the page. */
    boolean isLong() {
        return next != null || first != null;
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /** @param none what to say where there is none at all */
    String whyEmpty(String none) {
        return empty == null ? none : empty;
    }
}
