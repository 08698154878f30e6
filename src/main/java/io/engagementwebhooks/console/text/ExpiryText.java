package io.engagementwebhooks.console.text;

import io.engagementwebhooks.api.webhook.Severity;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Texts about ends that are near or past. An end is a time or a day of the API, or missing.
 *
 * @param now when the page is created
 */
public record ExpiryText(Instant now) {

    /** Whether it is near or past. @param end null: there is none */
    public boolean isDue(String end) {
        return need(end) != Severity.NONE;
    }

    public boolean isPast(String end) {
        return need(end) == Severity.NOW;
    }

    /** Its badge. */
    public String state(String end) {
        return isPast(end) ? "bad" : "warning";
    }

    public String ofCertificate(String end) {
        return "Its client certificate " + (isPast(end) ? "expired" : "expires") + " on " + day(end) + ".";
    }

    public String ofCredentials(String end) {
        return "Its credentials " + (isPast(end) ? "expired" : "expire") + " on " + day(end) + ".";
    }

    public String ofLastSigningKey(String end) {
        return "The last signing key "
                + (isPast(end)
                        ? "ended on " + day(end) + ": requests are sent unsigned."
                        : "ends on " + day(end) + "; from then on requests are sent unsigned.");
    }

    private static String day(String end) {
        return end.substring(0, "2026-11-24".length());
    }

    private Severity need(String end) {
        return end == null ? Severity.NONE : Severity.atEnd(time(end), now);
    }

    private static Instant time(String end) {
        return end.contains("T")
                ? Instant.parse(end)
                : LocalDate.parse(end).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
