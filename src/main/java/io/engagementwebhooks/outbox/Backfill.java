package io.engagementwebhooks.outbox;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.accept.EventStore.Examined;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/**
 * Finds the stored events that a webhook wants and has no delivery of (semantics 45), in the order of acceptance.
 * Thread-safe.
 *
 * @param matching the events with the delivery that the webhook wants of each, or with none
 */
public record Backfill(EventStore events, BiFunction<List<Event>, Webhook, CompletableFuture<List<Intake>>> matching) {

    /** Within this time, events may be stored in another order than that of acceptance, and by a former configuration. */
    static final Duration SETTLED = Duration.ofSeconds(2);

    /** Events to examine in a step; each may be in memory. */
    private static final int STEP = 100;

    /** Events to examine in a step that reads no data. */
    private static final int STEP_WITHOUT_DATA = 1_000;

    /**
     * The events of a step.
     *
     * @param intakes with their deliveries, to be stored
     * @param leftOut wanted events whose payload has expired, and those whose condition failed
     * @param position the key of the last examined event
     * @param isEnd whether no examined event follows
     */
    record Found(List<Intake> intakes, int leftOut, long position, boolean isEnd) {}

    /**
     * The number of events.
     *
     * @param events those to be delivered
     * @param expired wanted ones whose payload has expired
     * @param isExact false: counting stopped at its limit, there are more
     */
    public record Count(long events, long expired, boolean isExact) {}

    /**
     * Counts the events of a time span.
     *
     * @param hasTime whether counting may continue
     */
    public Count count(Webhook webhook, Instant from, Instant to, BooleanSupplier hasTime) {
        Span span = new Span(from, to, to.plus(SETTLED));
        long counted = 0;
        long expired = 0;
        long position = start(from);
        int step = webhook.condition().isEmpty() ? STEP_WITHOUT_DATA : STEP;
        while (hasTime.getAsBoolean()) {
            Wanted wanted = wanted(webhook, span, position, step, step);
            List<Examined> unsure = wanted.events().stream()
                    .filter(event -> !isByAttributes(webhook, event))
                    .toList();
            expired += wanted.expired().size();
            counted += wanted.events().size() - unsure.size() + matches(webhook, unsure);
            if (wanted.isEnd()) {
                return new Count(counted, expired, true);
            }
            position = wanted.position();
        }
        return new Count(counted, expired, false);
    }

    /**
     * Finds the next events of a job.
     *
     * @param most the most to return
     */
    Found next(Webhook webhook, DeliveryQuery span, Instant startedAt, String position, int most, Instant now) {
        // after the start, for events that were looked up by a configuration without the webhook
        Instant to = span.to() == null ? startedAt.plus(SETTLED) : span.to();
        Instant settled = now.minus(SETTLED);
        Instant end = to.plus(SETTLED);
        boolean isLast = !settled.isBefore(end);
        long after = position == null ? start(span.from()) : Long.parseLong(position);
        Wanted wanted = wanted(
                webhook,
                new Span(span.from(), to, isLast ? end : settled),
                after,
                STEP,
                webhook.condition().isEmpty() ? most : STEP);
        return found(wanted, load(webhook, wanted.events()), most, isLast);
    }

    private static Found found(Wanted wanted, SortedMap<Long, Intake> loaded, int most, boolean isLast) {
        List<Intake> intakes = new ArrayList<>();
        long failed = 0;
        long position = wanted.position();
        boolean isAll = true;
        for (Map.Entry<Long, Intake> each : loaded.entrySet()) {
            if (intakes.size() == most) {
                position = each.getKey() - 1;
                isAll = false;
                break;
            }
            if (isMatch(each.getValue())) {
                intakes.add(each.getValue());
            } else if (!each.getValue().deliveries().isEmpty()) {
                failed++;
            }
        }
        long until = position;
        long expired = wanted.expired().stream().filter(key -> key <= until).count();
        return new Found(intakes, (int) (failed + expired), position, isAll && wanted.isEnd() && isLast);
    }

    private static boolean isMatch(Intake intake) {
        return intake.deliveries().stream().anyMatch(delivery -> delivery.skipReason() == null);
    }

    /** @param until events that were accepted then or later are not examined */
    private record Span(Instant from, Instant to, Instant until) {

        boolean contains(Instant time) {
            return !time.isBefore(from) && time.isBefore(to);
        }
    }

    /** Events of a type that the webhook subscribes to. @param expired the keys of those without payload */
    private record Wanted(List<Examined> events, List<Long> expired, long position, boolean isEnd) {}

    private long start(Instant from) {
        return events.before(from.minus(SETTLED));
    }

    private Wanted wanted(Webhook webhook, Span span, long after, int step, int most) {
        List<Examined> examined = events.examine(webhook.id(), after, step);
        List<Examined> wanted = new ArrayList<>();
        List<Long> expired = new ArrayList<>();
        long position = after;
        for (Examined event : examined) {
            if (!event.acceptedAt().isBefore(span.until())) {
                return new Wanted(wanted, expired, position, true);
            }
            if (wanted.size() == most) {
                return new Wanted(wanted, expired, position, false);
            }
            position = event.key();
            if (event.isMissing()
                    && span.contains(event.acceptedAt())
                    && webhook.events().match(event.type())) {
                if (event.hasPayload()) {
                    wanted.add(event);
                } else {
                    expired.add(event.key());
                }
            }
        }
        return new Wanted(wanted, expired, position, examined.size() < step);
    }

    /** Whether its type decides that the webhook wants it. */
    private static boolean isByAttributes(Webhook webhook, Examined event) {
        return webhook.condition().isEmpty() && !event.source().equals(Event.SYSTEM_SOURCE);
    }

    private long matches(Webhook webhook, List<Examined> unsure) {
        return load(webhook, unsure).values().stream().filter(Backfill::isMatch).count();
    }

    /** Intakes of stored events by their keys; without deliveries: the webhook does not want the event. */
    private SortedMap<Long, Intake> load(Webhook webhook, List<Examined> wanted) {
        if (wanted.isEmpty()) {
            return new TreeMap<>();
        }
        SortedMap<Long, Event> loaded = events.events(
                webhook.account(), wanted.stream().map(Examined::key).toList());
        List<Intake> matched =
                matching.apply(List.copyOf(loaded.values()), webhook).join();
        SortedMap<Long, Intake> intakes = new TreeMap<>();
        int i = 0;
        for (Examined event : wanted) {
            if (loaded.containsKey(event.key())) {
                intakes.put(event.key(), stored(event, matched.get(i++)));
            }
        }
        return intakes;
    }

    private static Intake stored(Examined event, Intake matched) {
        return matched.deliveries().isEmpty()
                ? matched
                : Intake.ofStored(
                        event.key(),
                        matched.event(),
                        waiting(event, matched.deliveries().get(0)));
    }

    /** The delivery waits for a field from the acceptance of its event. */
    private static NewDelivery waiting(Examined event, NewDelivery delivery) {
        if (delivery.waitField() == null) {
            return delivery;
        }
        Instant dueAt = event.acceptedAt().plus(Duration.between(delivery.acceptedAt(), delivery.dueAt()));
        return new NewDelivery(
                delivery.id(),
                delivery.webhook(),
                null,
                delivery.acceptedAt(),
                dueAt.isBefore(delivery.acceptedAt()) ? delivery.acceptedAt() : dueAt,
                delivery.waitField());
    }
}
