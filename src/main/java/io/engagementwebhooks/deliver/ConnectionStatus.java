package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Authentication;
import java.time.Instant;
import java.util.Optional;

/** Status of the connections of one kind of third party, without a request to it. Thread-safe. */
public interface ConnectionStatus {

    /** The {@linkplain Authentication#type() type of authentication} whose connections it knows. */
    String type();

    /** How it stands with one; empty: nothing is known, it has not been used yet. */
    Optional<Status> status(Authentication connection);

    /**
     * How it stands with a connection.
     *
     * @param problem why nothing is sent over it now, in words for the customer; null: nothing is in the way
     * @param until until when, or null
     * @param used requests that the third party counts as used, or null: it does not say
     * @param limit how many may be used, or null
     * @param usedAt when it said so, or null
     */
    record Status(String problem, Instant until, Long used, Long limit, Instant usedAt) {}
}
