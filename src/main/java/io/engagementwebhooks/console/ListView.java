package io.engagementwebhooks.console;

import java.util.List;

/**
 * One page of a list.
 *
 * @param items of this page
 * @param next cursor of the next page, or null: this is the last
 */
public record ListView<T>(List<T> items, String next) {

    public ListView {
        items = List.copyOf(items);
    }

    /** The same list with typed items. @throws ClassCastException if an item has another type */
    public <R> ListView<R> of(Class<R> type) {
        return new ListView<>(items.stream().map(type::cast).toList(), next);
    }
}
