package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How a thing of the account is picked by its name: from a list, or where they are too many for one by typing, while names
 * that fit are offered.
 *
 * @param field the field it is picked in
 * @param known the things, the first of them where they are many
 * @param isLong whether there are more
 * @param chosen the name that is picked, or empty
 * @param isThere whether there is one of that name
 */
record Picker(String field, JsonNode known, boolean isLong, String chosen, boolean isThere) {

    /** Whether something is chosen that cannot be picked, as it is not in effect. */
    boolean isUnknown() {
        return !chosen.isEmpty() && !isThere;
    }

    /** What tells two of one name apart, or null. */
    static String kind(JsonNode resource) {
        return resource.path("type").asText(null);
    }

    /** How it is offered beside its name, where that does not say enough; else null. */
    static String label(JsonNode resource) {
        return kind(resource) == null ? null : resource.path("name").asText() + " (" + kind(resource) + ")";
    }
}
