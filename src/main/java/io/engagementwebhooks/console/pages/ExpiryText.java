package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.Severity;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * How the pages tell of ends that are near or past. An end is a time or a day, as the API answers it, and may be missing.
 *
 * @param now when the page is made
 */
record ExpiryText(Instant now) {

    /** Whether it is near or past. */
    boolean isTold(JsonNode end) {
        return need(end) != Severity.NONE;
    }

    boolean isPast(JsonNode end) {
        return need(end) == Severity.NOW;
    }

    /** How urgent it is, as a badge. */
    String state(JsonNode end) {
        return isPast(end) ? "bad" : "warning";
    }

    String ofCertificate(JsonNode end) {
        return "Its client certificate " + (isPast(end) ? "expired" : "expires") + " on " + day(end) + ".";
    }

    String ofCredentials(JsonNode end) {
        return "Its credentials " + (isPast(end) ? "expired" : "expire") + " on " + day(end) + ".";
    }

    String ofLastSigningKey(JsonNode end) {
        return "The last signing key "
                + (isPast(end)
                        ? "ended on " + day(end) + ": requests are sent unsigned."
                        : "ends on " + day(end) + "; from then on requests are sent unsigned.");
    }

    static String day(JsonNode end) {
        return end.asText().substring(0, "2026-11-24".length());
    }

    private Severity need(JsonNode end) {
        return end.isTextual() ? Severity.atEnd(time(end.asText()), now) : Severity.NONE;
    }

    private static Instant time(String end) {
        return end.contains("T")
                ? Instant.parse(end)
                : LocalDate.parse(end).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
