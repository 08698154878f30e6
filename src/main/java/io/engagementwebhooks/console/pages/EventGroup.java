package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.EventCatalog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Event types with a common prefix, chosen together.
 *
 * @param prefix such as {@code call}
 * @param types in the order of the catalog
 */
record EventGroup(String prefix, List<EventCatalog.Type> types) {

    /** Pattern of every type, also of types added later. */
    static final String EVERY = "*";

    static final List<EventGroup> ALL = all();

    private static List<EventGroup> all() {
        Map<String, List<EventCatalog.Type>> byPrefix = new LinkedHashMap<>();
        EventCatalog.TYPES.forEach(type -> byPrefix.computeIfAbsent(
                        type.type().substring(0, type.type().indexOf('.')), prefix -> new ArrayList<>())
                .add(type));
        return byPrefix.entrySet().stream()
                .map(group -> new EventGroup(group.getKey(), List.copyOf(group.getValue())))
                .toList();
    }

    /** Pattern of all its types, also of types added later. */
    String pattern() {
        return prefix + ".*";
    }

    String label() {
        return prefix.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + prefix.substring(1) + " events";
    }
}
