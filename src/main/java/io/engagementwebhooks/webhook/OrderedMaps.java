package io.engagementwebhooks.webhook;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Maps that keep their order. */
public final class OrderedMaps {

    private OrderedMaps() {}

    /** An unmodifiable copy in the same order. */
    public static <K, V> Map<K, V> copyOf(Map<K, V> map) {
        return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
