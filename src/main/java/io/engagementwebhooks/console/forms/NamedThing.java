package io.engagementwebhooks.console.forms;

import io.engagementwebhooks.api.SettingView;
import io.engagementwebhooks.api.definition.ConnectionView;

/**
 * A webhook, an OAuth client or a connection, chosen by name.
 *
 * @param name unique in the account
 * @param type of a connection, else null
 */
public record NamedThing(String name, String type) {

    public static NamedThing of(SettingView view) {
        return new NamedThing(view.name(), view instanceof ConnectionView connection ? connection.type() : null);
    }

    /** Its text in a list. */
    public String label() {
        return type == null ? name : name + " (" + type + ")";
    }
}
