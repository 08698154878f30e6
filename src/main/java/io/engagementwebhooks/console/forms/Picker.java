package io.engagementwebhooks.console.forms;

import java.util.List;

/**
 * Chooses a resource by name: from a list or, if there are too many, by typing with suggestions.
 *
 * @param field its form field
 * @param known the resources, or the first of many
 * @param isLong whether there are more
 * @param chosen the chosen name, or empty
 * @param isThere whether a resource has that name
 */
public record Picker(String field, List<NamedThing> known, boolean isLong, String chosen, boolean isThere) {

    /** Whether the chosen name cannot be used: its resource is not in effect. */
    public boolean isUnknown() {
        return !chosen.isEmpty() && !isThere;
    }
}
