package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.core.JsonParser;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Reservation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Requests an object's description. Camel's operation limits responses to the size of those to deliveries.
 *
 * @param memory of the account; reserved before the response is parsed
 * @param threads parse responses
 */
record OrgDescribe(OrgCalls calls, String apiVersion, AccountLedger memory, Executor threads) {

    private static final int NOT_FOUND = 404;

    /** Objects with 1000 fields and long picklists take several megabytes. */
    private static final int MOST_BYTES = 8 * 1024 * 1024;

    /** Memory factor of a response: parts, whole, and parsed. */
    private static final int COPIES = 3;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** A request for an object's description failed. The message is for the customer. */
    static final class Fault extends RuntimeException {

        private final boolean missing;

        private Fault(String reason, boolean missing) {
            super(reason, null, false, false);
            this.missing = missing;
        }

        /** Whether the object does not exist or is not visible to the connection's user. */
        boolean missing() {
            return missing;
        }
    }

    /** Describes an object. Fails with {@link Fault}. */
    CompletableFuture<ObjectFields> of(String object) {
        if (!PlannedRecord.API_NAME.matcher(object).matches()) {
            return CompletableFuture.failedFuture(new Fault("'" + object + "' is no API name of an object", true));
        }
        String path = "/services/data/v" + apiVersion + "/sobjects/" + object + "/describe";
        return calls.send(
                        (instance, deadline) -> new OutgoingRequest(
                                calls.account(), URI.create(instance + path), "GET", new byte[0], deadline),
                        new OrgCalls.Terms(TIMEOUT, MOST_BYTES, token -> {}, threads))
                .handle((answer, failure) -> read(object, answer));
    }

    /** @param answer null if there is none */
    private ObjectFields read(String object, Answer answer) {
        if (answer == null) {
            throw new Fault("Salesforce gave no description of " + object, false);
        }
        if (answer.status() == NOT_FOUND) {
            throw new Fault(
                    "the org has no object '" + object + "', or the user of the connection may not see it", true);
        }
        if (answer.status() != 200) {
            throw new Fault("Salesforce did not describe " + object + ": it answered " + answer.status(), false);
        }
        try {
            return parsed(answer.body())
                    .orElseThrow(
                            () -> new Fault("Salesforce's description of " + object + " was not understood", false));
        } catch (BudgetExceededException e) {
            throw new Fault("there is no memory for Salesforce's description of " + object, false);
        }
    }

    private Optional<ObjectFields> parsed(byte[] body) {
        Reservation reserved = memory.reserve((long) COPIES * body.length);
        try (reserved;
                JsonParser content = EventJson.mapper().createParser(body)) {
            return ObjectFields.read(content);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
