package io.engagementwebhooks.console.pages;

import java.util.List;

/**
 * Something that is picked by its name, as the API lists it.
 *
 * @param name unique in the account
 * @param type what tells two kinds apart, or null
 */
record NamedThing(String name, String type) {

    /** A page of them. @param next where the list continues, or null */
    record Listed(List<NamedThing> items, String next) {}

    /** How it is offered. */
    String label() {
        return type == null ? name : name + " (" + type + ")";
    }
}
