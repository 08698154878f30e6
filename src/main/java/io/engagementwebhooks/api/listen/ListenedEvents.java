package io.engagementwebhooks.api.listen;

import java.util.List;

/**
 * The requests for a listener.
 *
 * @param items oldest first
 * @param next the event to continue after, for the parameter {@code after}
 * @param leftOut whether older events were left out, because there were too many
 */
record ListenedEvents(List<ListenedRequest> items, String next, boolean leftOut) {

    ListenedEvents {
        items = List.copyOf(items);
    }
}
