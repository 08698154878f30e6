package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ConnectionView;
import io.engagementwebhooks.console.SettingView;

/**
 * A webhook, an OAuth client or a connection, chosen by name.
 *
 * @param name unique in the account
 * @param type of a connection, else null
 */
record NamedThing(String name, String type) {

    static NamedThing of(SettingView view) {
        return new NamedThing(view.name(), view instanceof ConnectionView connection ? connection.type() : null);
    }

    /** Its text in a list. */
    String label() {
        return type == null ? name : name + " (" + type + ")";
    }
}
