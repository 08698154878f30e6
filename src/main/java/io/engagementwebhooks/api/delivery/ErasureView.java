package io.engagementwebhooks.api.delivery;

import io.engagementwebhooks.store.erase.Erasure;
import java.util.List;

/**
 * An erasure in the API: its receipt, which does not hold the value.
 *
 * @param state running or done
 * @param field the path of the value, or {@code source and id}
 * @param digest keyed digest of the value
 * @param actor name of the API key that started it
 * @param examined number of events examined so far
 * @param unsearched number of these whose payload has expired, in which a field of the data is not found
 * @param deliveries number of deliveries of the erased events
 * @param canceled number of these that were pending
 * @param firstEventAt earliest time of an erased event
 * @param lastEventAt latest time of an erased event
 * @param cleaned what was done with the files of the store, or null: it runs
 * @param remaining what is left to do for a person
 */
public record ErasureView(
        String id,
        String account,
        String state,
        String field,
        String digest,
        String actor,
        String createdAt,
        String endedAt,
        long examined,
        long unsearched,
        long events,
        long deliveries,
        long canceled,
        String firstEventAt,
        String lastEventAt,
        String cleaned,
        List<String> remaining) {

    /** Precedes ids of erasures. */
    public static final String PREFIX = "er_";

    private static final List<String> REMAINING = List.of(
            "Backups made before this erasure: delete them, or repeat it after a restore with --erase-again",
            "Receivers, and their logs, have what was sent to them");

    static ErasureView of(Erasure erasure) {
        return new ErasureView(
                PREFIX + erasure.id(),
                erasure.account(),
                erasure.isRunning() ? "running" : "done",
                erasure.field(),
                erasure.digest(),
                erasure.actor(),
                DeliveryView.text(erasure.createdAt()),
                DeliveryView.text(erasure.endedAt()),
                erasure.examined(),
                erasure.unsearched(),
                erasure.events(),
                erasure.deliveries(),
                erasure.canceled(),
                DeliveryView.text(erasure.firstAt()),
                DeliveryView.text(erasure.lastAt()),
                erasure.cleaned(),
                REMAINING);
    }
}
