package io.engagementwebhooks.console;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.store.DeliveryQueries;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Finds deliveries without reading all of them. Filters with an index are answered at once. Texts, event types, states
 * and successful deliveries are searched from the newest back, for a limited time per page. Thread-safe.
 *
 * @param nanos a monotonic clock
 */
record DeliverySearch(Store store, LongSupplier nanos) {

    /** Rows per read. */
    private static final int STEP = 1_000;

    /** No read begins after this time. */
    private static final long LONGEST_NANOS = Duration.ofMillis(40).toNanos();

    /**
     * One page.
     *
     * @param goOnBefore position of the next page, or null: this is the last
     * @param searchedBackTo how far back the search got if there may be more, or null: the page is full, or the search
     *     is complete
     */
    record Result(List<DeliveryRow> deliveries, String goOnBefore, Instant searchedBackTo) {}

    Result find(DeliveryQuery query) {
        if (!query.needsScan()) {
            return page(
                    store.deliveries().deliveries(query.before(query.before(), query.limit() + 1)),
                    query.limit(),
                    null);
        }
        return exact(query).orElseGet(() -> stepByStep(query));
    }

    /** A whole delivery or event id is found at any age. */
    private Optional<Result> exact(DeliveryQuery query) {
        if (query.text() == null) {
            return Optional.empty();
        }
        List<DeliveryRow> found = query.eventId() == null
                ? store.deliveries().deliveries(query.ofEvent(query.text(), query.limit() + 1))
                : List.of();
        if (found.isEmpty()
                && query.equals(DeliveryQuery.ofText(query.account(), query.text(), query.limit()))
                && Deliveries.ULID.matcher(query.text()).matches()) {
            found = store.deliveries().delivery(query.account(), query.text()).stream()
                    .toList();
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(page(found, query.limit(), null));
    }

    private Result stepByStep(DeliveryQuery query) {
        long end = nanos.getAsLong() + LONGEST_NANOS;
        List<DeliveryRow> found = new ArrayList<>();
        String before = query.before();
        do {
            DeliveryQueries.Found step =
                    store.deliveries().search(query.before(before, query.limit() + 1 - found.size()), STEP);
            found.addAll(step.deliveries());
            before = step.examinedDownTo();
        } while (before != null && found.size() <= query.limit() && nanos.getAsLong() - end < 0);
        return page(found, query.limit(), before);
    }

    /** @param searchedDownTo where the search stopped, or null: it is complete */
    private static Result page(List<DeliveryRow> found, int limit, String searchedDownTo) {
        if (found.size() > limit) {
            List<DeliveryRow> page = List.copyOf(found.subList(0, limit));
            return new Result(page, page.get(limit - 1).id(), null);
        }
        return new Result(
                List.copyOf(found), searchedDownTo, searchedDownTo == null ? null : Ulid.getInstant(searchedDownTo));
    }
}
