package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.auth.Authentication;
import java.time.Instant;
import java.util.Optional;

/** Status of the connections of one kind of third party, without a request to it. Thread-safe. */
public interface ConnectionStatus {

    /** The {@linkplain Authentication#type() type of authentication} of the connections. */
    String type();

    /** The status of a connection; empty if it has not been used yet. */
    Optional<Status> status(Authentication connection);

    /** Why the credentials of a connection are refused; empty if they are not, or were not used yet. */
    Optional<String> credentialFault(Authentication connection);

    /**
     * The status of a connection.
     *
     * @param problem why nothing is sent over it now, for the customer; null: no problem
     * @param until when the problem ends, or null
     * @param used requests used of the third party's quota, or null if it reports none
     * @param limit the quota, or null
     * @param usedAt when it reported them, or null
     */
    record Status(String problem, Instant until, Long used, Long limit, Instant usedAt) {}
}
