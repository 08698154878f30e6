package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Limits the deliveries for the events of one request, since one transaction stores them. A single event may have any
 * number: it is stored in parts. Immutable.
 *
 * @param deliveries {@code webhooks.ingest.max-deliveries}
 */
record BatchLimit(int deliveries) {

    /** The deliveries of one request, counted while its webhooks are looked up. Not thread-safe. */
    static final class Count {

        private final int events;
        private final int max;
        private int lookedUp;
        private long deliveries;

        private Count(int events, int most) {
            this.events = events;
            this.max = most;
        }

        /**
         * Counts the deliveries of the next event.
         *
         * @throws ProblemException 413 if the events so far have too many deliveries
         */
        void add(int more) {
            lookedUp++;
            deliveries += more;
            if (deliveries > max && events > 1) {
                throw new ProblemException(
                        new Problem(413, "too-many-deliveries", "Too many deliveries", detail(), lookedUp - 1, null));
            }
        }

        private String detail() {
            int fit = Math.max(1, lookedUp - 1);
            return "The first " + (lookedUp == 1 ? "event" : lookedUp + " events") + " of the batch of " + events
                    + (lookedUp == 1 ? " has " : " have ") + deliveries + " deliveries, and a batch may have " + max
                    + " (webhooks.ingest.max-deliveries): send "
                    + (fit == 1 ? "each event alone." : "at most " + fit + " events together.");
        }
    }

    /** Starts the count of a request. @param events the number of its events */
    Count count(int events) {
        return new Count(events, deliveries);
    }

    /**
     * Splits events, in order, into slices of one account within the limit, or of one event. Without events there is
     * one slice.
     *
     * @param webhooks the largest number of deliveries of an event
     */
    List<List<Event>> slices(List<Event> events, ToIntFunction<Event> webhooks) {
        List<List<Event>> slices = new ArrayList<>();
        List<Event> slice = new ArrayList<>();
        long inSlice = 0;
        for (Event event : events) {
            int more = webhooks.applyAsInt(event);
            boolean fits = slice.isEmpty()
                    || inSlice + more <= deliveries && slice.get(0).account().equals(event.account());
            if (!fits) {
                slices.add(slice);
                slice = new ArrayList<>();
                inSlice = 0;
            }
            slice.add(event);
            inSlice += more;
        }
        slices.add(slice);
        return slices;
    }
}
