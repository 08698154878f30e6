package io.engagementwebhooks.console.pages;

import java.util.List;

/**
 * How a thing of the account is picked by its name: from a list, or where there are too many for one by typing, while names
 * that fit are offered.
 *
 * @param field the field it is picked in
 * @param known the things, the first of them where there are many
 * @param isLong whether there are more
 * @param chosen the name that is picked, or empty
 * @param isThere whether there is one of that name
 */
record Picker(String field, List<NamedThing> known, boolean isLong, String chosen, boolean isThere) {

    /** Whether something is chosen that cannot be picked, as it is not in effect. */
    boolean isUnknown() {
        return !chosen.isEmpty() && !isThere;
    }
}
