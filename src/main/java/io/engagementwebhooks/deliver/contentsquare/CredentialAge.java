package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.webhook.ContentsquareConnection;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The remaining lifetime of a connection's credentials: Contentsquare's expire a year after their creation.
 *
 * @param expiresOn their last day, in UTC
 * @param daysLeft days until then; negative: they have expired
 */
public record CredentialAge(ContentsquareConnection connection, LocalDate expiresOn, long daysLeft) {

    private static final int WARN_DAYS = 30;

    /** Empty if the connection has no creation date. */
    public static Optional<CredentialAge> of(ContentsquareConnection connection, Clock clock) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        return connection
                .expiresOn()
                .map(end -> new CredentialAge(connection, end, ChronoUnit.DAYS.between(today, end)));
    }

    /** Whether they should be renewed now. */
    public boolean warns() {
        return daysLeft <= WARN_DAYS;
    }

    /** The text for logs and screens. */
    public String text() {
        String when = daysLeft < 0
                ? "expired on " + expiresOn
                : "expire on " + expiresOn + ", in " + daysLeft + (daysLeft == 1 ? " day" : " days");
        return "the credentials of Contentsquare connection '" + connection.name() + "' of account '"
                + connection.account() + "' " + when
                + (warns() ? ": have new ones made there, and change 'createdOn' with them" : "");
    }
}
