package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ConnectionView;
import io.engagementwebhooks.console.OAuthClientView;
import io.engagementwebhooks.console.SettingView;

/**
 * A webhook, an OAuth client or a connection, chosen by name.
 *
 * @param name unique in the account
 * @param type of a connection, else null
 */
record NamedThing(String name, String type) {

    static NamedThing of(SettingView view) {
        return view instanceof ConnectionView connection
                ? new NamedThing(connection.name(), connection.type())
                : new NamedThing(((OAuthClientView) view).name(), null);
    }

    /** Its text in a list. */
    String label() {
        return type == null ? name : name + " (" + type + ")";
    }
}
