package io.engagementwebhooks.store.definition;

import java.util.Locale;

/** Who manages a definition: where it can be changed. */
public enum ManagedBy {
    /** The API and the console. */
    API,
    /** The configuration file. */
    FILE;

    /** The name in the store and in the API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ManagedBy of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
