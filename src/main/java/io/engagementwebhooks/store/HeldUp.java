package io.engagementwebhooks.store;

import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import java.util.List;

/**
 * Deliveries of a webhook that wait for its credential, among so many of those that wait.
 *
 * @param deliveries their ids
 * @param lookedUpTo the last delivery that was looked at; null: there are no more
 */
public record HeldUp(List<String> deliveries, Waiting lookedUpTo) {

    /** One that was looked at. */
    public record Looked(Waiting at, boolean isHeldUp) {}

    /** @param looked in their order @param look how many were to be looked at */
    public static HeldUp of(List<Looked> looked, int look) {
        return new HeldUp(
                looked.stream()
                        .filter(Looked::isHeldUp)
                        .map(each -> each.at().id())
                        .toList(),
                looked.size() < look ? null : looked.get(look - 1).at());
    }
}
