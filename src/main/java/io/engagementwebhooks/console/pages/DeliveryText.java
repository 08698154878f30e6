package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.AttemptView;
import io.engagementwebhooks.console.DeliveryView;
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
final class DeliveryText {

    /** Statuses of the filter, those that need attention first. */
    static final List<String> STATUSES =
            List.of("failed", "retrying", "queued", "paused", "delivered", "skipped", "canceled");

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy", Locale.ENGLISH);
    /** Names of measured parts that differ from the API's. */
    private static final Map<String, String> PARTS = Map.of("dns", "name", "tls", "TLS");

    /** Less than this is shown as zero, in milliseconds. */
    private static final double SHOWN_MS = 0.05;

    private static final Set<String> TRIED_LATER = Set.of("retry", "rate-limit", "field");

    private DeliveryText() {}

    static String label(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    /** The result of an attempt: one that is retried counts as failed. */
    static String outcome(String outcome) {
        return outcome.equals("try-later") || outcome.equals("gave-up") ? "failed" : outcome;
    }

    /** A duration. @param ms null: there is none */
    static String duration(Long ms) {
        if (ms == null) {
            return "–";
        }
        return ms < 1_000 ? ms + " ms" : String.format(Locale.ROOT, "%.1f s", ms / 1_000.0);
    }

    /** The parts of an attempt's duration, by name; the rest is "other". Empty: nothing was measured. */
    static Map<String, String> parts(AttemptView attempt) {
        Map<String, String> parts = new LinkedHashMap<>();
        if (attempt.timing() == null) {
            return parts;
        }
        attempt.timing().forEach((part, ms) -> parts.put(PARTS.getOrDefault(part, part), tenths(ms)));
        double rest = attempt.ms()
                - attempt.timing().values().stream().mapToDouble(ms -> ms).sum();
        if (rest >= SHOWN_MS) {
            parts.put("other", tenths(rest));
        }
        return parts;
    }

    private static String tenths(double ms) {
        return String.format(Locale.ROOT, "%.1f ms", ms);
    }

    /** The time of day of an API time. */
    static String time(String at) {
        return at.substring(11, 19);
    }

    /** Grouped by day in UTC, in their order. */
    static Map<String, List<DeliveryView>> byDay(List<DeliveryView> deliveries) {
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
    static boolean mayTryAgain(DeliveryView delivery) {
        boolean waits = delivery.waitingFor() != null
                && TRIED_LATER.contains(delivery.waitingFor().kind());
        return !delivery.test() && (delivery.status().equals("failed") || waits);
    }

    /** Whether no attempt follows. */
    static boolean hasEnded(DeliveryView delivery) {
        return delivery.endedAt() != null;
    }
}
