package io.engagementwebhooks.console.text;

import io.engagementwebhooks.api.delivery.AttemptView;
import io.engagementwebhooks.api.delivery.DeliveryView;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Texts for deliveries on pages. */
public final class DeliveryText {

    /** Statuses of the filter, those that need attention first. */
    public static final List<String> STATUSES =
            List.of("failing", "failed", "retrying", "queued", "paused", "delivered", "skipped", "canceled");

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy", Locale.ENGLISH);
    /** Names of measured parts that differ from the API's. */
    private static final Map<String, String> PARTS = Map.of("dns", "name", "tls", "TLS");

    /** In a millisecond. */
    private static final int TENTHS = 10;

    private static final Set<String> TRIED_LATER = Set.of("retry", "permission", "rate-limit", "field");

    private DeliveryText() {}

    public static String label(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    /** The result of an attempt: one that is retried counts as failed. */
    public static String outcome(String outcome) {
        return outcome.equals("try-later") || outcome.equals("gave-up") ? "failed" : outcome;
    }

    /** In place of a response that an attempt has not. @param outcome as in the API */
    public static String noResponse(String outcome) {
        return outcome.equals("delivered") ? "It was accepted without an error." : "There was no response.";
    }

    /** An attempt's duration and, after it, the parts that add up to it, by name. Empty: nothing was measured. */
    public static Map<String, String> timing(AttemptView attempt) {
        if (attempt.timing() == null) {
            return Map.of();
        }
        Map<String, String> timing = new LinkedHashMap<>();
        timing.put("took", attempt.ms() + " ms");
        long measured = 0;
        for (Map.Entry<String, Double> part : attempt.timing().entrySet()) {
            long tenths = Math.round(part.getValue() * TENTHS);
            measured += tenths;
            timing.put(PARTS.getOrDefault(part.getKey(), part.getKey()), tenths(tenths));
        }
        long rest = attempt.ms() * TENTHS - measured;
        if (rest > 0) {
            timing.put("other", tenths(rest));
        } else {
            timing.put("took", tenths(measured));
        }
        return timing;
    }

    private static String tenths(long tenths) {
        return tenths / TENTHS + "." + tenths % TENTHS + " ms";
    }

    /** The time of day of an API time. */
    public static String time(String at) {
        return at.substring(11, 19);
    }

    /** Grouped by day in UTC, in their order. */
    public static Map<String, List<DeliveryView>> byDay(List<DeliveryView> deliveries) {
        Map<String, List<DeliveryView>> days = new LinkedHashMap<>();
        deliveries.forEach(delivery -> days.computeIfAbsent(
                        Instant.parse(delivery.acceptedAt())
                                .atOffset(ZoneOffset.UTC)
                                .format(DAY),
                        day -> new ArrayList<>())
                .add(delivery));
        return days;
    }

    /** Whether its line has a Retry button. */
    public static boolean mayTryAgain(DeliveryView delivery) {
        boolean waits = delivery.waitingFor() != null
                && TRIED_LATER.contains(delivery.waitingFor().kind());
        return !delivery.test() && (delivery.status().equals("failed") || waits);
    }

    /** Whether no attempt follows. */
    public static boolean hasEnded(DeliveryView delivery) {
        return delivery.endedAt() != null;
    }
}
