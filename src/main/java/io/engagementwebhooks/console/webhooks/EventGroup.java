package io.engagementwebhooks.console.webhooks;

import io.engagementwebhooks.webhook.EventCatalog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Event types with a common prefix, chosen together.
 *
 * @param prefix such as {@code call}; empty: the types have none
 * @param types in the order of the catalog
 */
public record EventGroup(String prefix, List<EventCatalog.Type> types) {

    /** Pattern of every type, also of types added later. */
    public static final String EVERY = "*";

    /** All types of a catalog. */
    static List<EventGroup> of(EventCatalog catalog) {
        Map<String, List<EventCatalog.Type>> byPrefix = new LinkedHashMap<>();
        catalog.types().forEach(type -> byPrefix.computeIfAbsent(
                        type.type().substring(0, Math.max(0, type.type().indexOf('.'))), prefix -> new ArrayList<>())
                .add(type));
        return byPrefix.entrySet().stream()
                .map(group -> new EventGroup(group.getKey(), List.copyOf(group.getValue())))
                .toList();
    }

    /** All that can be chosen. */
    static Set<String> offered(EventCatalog catalog) {
        Set<String> offered = new LinkedHashSet<>(Set.of(EVERY));
        for (EventGroup group : of(catalog)) {
            if (group.pattern() != null) {
                offered.add(group.pattern());
            }
            group.types.forEach(type -> offered.add(type.type()));
        }
        return offered;
    }

    /** Pattern of all its types, also of types added later; null: they have no prefix. */
    public String pattern() {
        return prefix.isEmpty() ? null : prefix + ".*";
    }

    public String label() {
        return prefix.isEmpty()
                ? "Other events"
                : prefix.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + prefix.substring(1) + " events";
    }
}
