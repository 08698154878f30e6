package io.engagementwebhooks.api.delivery;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.DeliveryQueries;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Finds and counts deliveries without reading all of them. Filters with an index are answered at once. Texts, event
 * types, states, successful deliveries and payloads are searched from the newest back, for a limited time per page.
 * Thread-safe.
 *
 * @param limit of searches of payloads, and of counts, at a time
 * @param nanos a monotonic clock
 * @param counting the counts that run
 */
public record DeliverySearch(
        Store store,
        ConcurrencyLimit limit,
        ConcurrencyLimit countLimit,
        LongSupplier nanos,
        Map<DeliveryQuery, CompletableFuture<Map<String, DeliveryList.Count>>> counting) {

    /** Rows per read. */
    private static final int STEP = 1_000;

    /** No read begins after this time. */
    private static final long LONGEST_NANOS = Duration.ofMillis(40).toNanos();

    /** Payloads of the first read; see {@link #SHORT_NANOS}. */
    private static final int FIRST_PAYLOADS = 16;

    /** The next read of payloads has twice as many after a shorter one, and half as many after a longer one. */
    private static final long SHORT_NANOS = Duration.ofMillis(10).toNanos();

    /** The most deliveries that are examined for a count. */
    private static final int MOST_COUNTED = 10_000;

    public DeliverySearch(Store store, ConcurrencyLimit limit, ConcurrencyLimit countLimit, LongSupplier nanos) {
        this(store, limit, countLimit, nanos, new ConcurrentHashMap<>());
    }

    /**
     * One page.
     *
     * @param goOnBefore position of the next page, or null: this is the last
     * @param searchedBackTo how far back the search got if there may be more, or null: the page is full, or the search
     *     is complete
     */
    record Result(List<DeliveryRow> deliveries, String goOnBefore, Instant searchedBackTo) {}

    /** @param payload a condition on the stored payload, or null */
    Result find(DeliveryQuery query, PayloadMatch payload) {
        if (query.standing() == DeliveryQuery.Standing.FAILING) {
            return merged(
                    find(of(DeliveryStatus.RETRYING, query), payload),
                    find(of(DeliveryStatus.FAILED, query), payload),
                    query.limit());
        }
        if (payload != null) {
            return limit.run(query.account(), () -> stepByStep(query, payload));
        }
        if (!query.needsScan()) {
            return page(
                    store.deliveries().deliveries(query.before(query.before(), query.limit() + 1)),
                    query.limit(),
                    null);
        }
        return exact(query).orElseGet(() -> stepByStep(query, null));
    }

    private static DeliveryQuery of(DeliveryStatus status, DeliveryQuery query) {
        return query.ofStatus(status.standing(), status.outcome());
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

    private Result stepByStep(DeliveryQuery query, PayloadMatch payload) {
        long begin = nanos.getAsLong();
        long now = begin;
        int size = payload == null ? STEP : FIRST_PAYLOADS;
        List<DeliveryRow> found = new ArrayList<>();
        String before = query.before();
        do {
            DeliveryQuery rest = query.before(before, query.limit() + 1 - found.size());
            DeliveryQueries.Found step = payload == null
                    ? store.deliveries().search(rest, size)
                    : store.deliveries().searchPayloads(rest, payload, size);
            found.addAll(step.deliveries());
            before = step.examinedDownTo();
            long tookNanos = nanos.getAsLong() - now;
            now += tookNanos;
            if (payload != null) {
                size = tookNanos < SHORT_NANOS ? Math.min(STEP, 2 * size) : Math.max(1, size / 2);
            }
        } while (before != null && found.size() <= query.limit() && now - begin < LONGEST_NANOS);
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

    /** The newest deliveries of two pages, as far as both were searched. */
    private static Result merged(Result one, Result other, int limit) {
        String downTo = Stream.of(one, other)
                .map(Result::goOnBefore)
                .flatMap(Stream::ofNullable)
                .max(Comparator.naturalOrder())
                .orElse(null);
        // one that failed between the two searches is in both
        Map<String, DeliveryRow> all = new TreeMap<>(Comparator.reverseOrder());
        Stream.of(one, other).flatMap(page -> page.deliveries().stream()).forEach(row -> all.put(row.id(), row));
        List<DeliveryRow> found = all.values().stream()
                .filter(row -> downTo == null || row.id().compareTo(downTo) >= 0)
                .toList();
        return found.size() == limit ? new Result(found, downTo, null) : page(found, limit, downTo);
    }

    /**
     * Counts by status, {@code all} and {@code failing}; the status of the query has no effect. A caller gets the result
     * of the same count if that runs.
     *
     * @return null: too many other counts run
     */
    Map<String, DeliveryList.Count> counts(DeliveryQuery query) {
        DeliveryQuery all = query.ofStatus(null, null).before(null, 0);
        CompletableFuture<Map<String, DeliveryList.Count>> mine = new CompletableFuture<>();
        CompletableFuture<Map<String, DeliveryList.Count>> running = counting.putIfAbsent(all, mine);
        if (running != null) {
            return running.join();
        }
        try {
            mine.complete(countLimit.run(query.account(), () -> counted(all)));
        } catch (ProblemException e) {
            // the page has no counts
        } finally {
            counting.remove(all);
            mine.complete(null);
        }
        return mine.join();
    }

    private Map<String, DeliveryList.Count> counted(DeliveryQuery query) {
        Map<String, DeliveryList.Count> counts = count(query);
        if (counts.get("all").more()) {
            // these have an index
            for (DeliveryStatus status :
                    List.of(DeliveryStatus.RETRYING, DeliveryStatus.FAILED, DeliveryStatus.SKIPPED)) {
                counts.put(status.text(), count(of(status, query)).get(status.text()));
            }
        }
        counts.put(
                DeliveryStatus.FAILING.text(),
                sum(counts.get(DeliveryStatus.RETRYING.text()), counts.get(DeliveryStatus.FAILED.text())));
        return counts;
    }

    /** Deliveries of an account that are pending after a failed attempt. */
    public DeliveryList.Count retrying(String account) {
        DeliveryQuery all = DeliveryQuery.ofText(account, null, 1);
        return count(of(DeliveryStatus.RETRYING, all)).get(DeliveryStatus.RETRYING.text());
    }

    private Map<String, DeliveryList.Count> count(DeliveryQuery query) {
        DeliveryQueries.StatusCounts found = store.deliveries().statusCounts(query, MOST_COUNTED);
        DeliveryList.Count none = new DeliveryList.Count(0, !found.complete());
        Map<String, DeliveryList.Count> counts = new LinkedHashMap<>();
        counts.put("all", none);
        DeliveryStatus.filters().forEach(status -> counts.put(status, none));
        found.deliveries().forEach((each, number) -> {
            DeliveryList.Count more = new DeliveryList.Count(number, !found.complete());
            counts.merge("all", more, DeliverySearch::sum);
            counts.merge(DeliveryStatus.of(each.state(), each.outcome()).text(), more, DeliverySearch::sum);
        });
        return counts;
    }

    private static DeliveryList.Count sum(DeliveryList.Count one, DeliveryList.Count other) {
        long sum = one.deliveries() + other.deliveries();
        return new DeliveryList.Count(Math.min(sum, MOST_COUNTED), one.more() || other.more() || sum > MOST_COUNTED);
    }
}
