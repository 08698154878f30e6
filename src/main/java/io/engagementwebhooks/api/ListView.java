package io.engagementwebhooks.api;

import java.util.List;
import java.util.function.Function;

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
        return map(type::cast);
    }

    /** A list of views of these items. */
    public <R> ListView<R> map(Function<T, R> view) {
        return new ListView<>(items.stream().map(view).toList(), next);
    }
}
