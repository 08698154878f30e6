package io.engagementwebhooks.console;

import java.util.List;

/**
 * One page of a list.
 *
 * @param items those on the page
 * @param next the cursor of the next page, or null: there is none
 */
public record ListView<T>(List<T> items, String next) {

    public ListView {
        items = List.copyOf(items);
    }

    /** The same list with its items as what they are. @throws ClassCastException if one is something else */
    public <R> ListView<R> of(Class<R> type) {
        return new ListView<>(items.stream().map(type::cast).toList(), next);
    }
}
