package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.core.JsonParser;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Reservation;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Requests an object's description. Camel's operation limits responses to the size of those to deliveries.
 *
 * @param memory of the account; reserved as the response arrives
 */
record OrgDescribe(OrgCalls calls, String apiVersion, AccountLedger memory) {

    private static final int NOT_FOUND = 404;

    /** Objects with 1000 fields and long picklists take several megabytes. */
    private static final int MOST_BYTES = 8 * 1024 * 1024;

    /** Memory factor of a response while it is read: parts, whole, and parsed. */
    private static final int COPIES = 3;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Describes an object. Fails with {@link DescribeFault}. */
    CompletableFuture<ObjectFields> of(String object) {
        if (!PlannedRecord.API_NAME.matcher(object).matches()) {
            return CompletableFuture.failedFuture(
                    new DescribeFault("'" + object + "' is no API name of an object", true));
        }
        Reservation reserved = memory.reserve(0);
        return calls.send(path(object), MOST_BYTES, TIMEOUT, (request, token) -> request.headers(
                                headers -> headers.put(HttpHeader.ACCEPT, "application/json"))
                        .onResponseContent((response, part) -> reserve(reserved, response, part.remaining())))
                .handle((reply, failure) -> read(object, reply))
                .whenComplete((fields, failure) -> reserved.close());
    }

    private static void reserve(Reservation reserved, Response response, int bytes) {
        if (!reserved.tryGrow((long) COPIES * bytes)) {
            response.abort(new BudgetExceededException(false));
        }
    }

    private String path(String object) {
        return "/services/data/v" + apiVersion + "/sobjects/" + object + "/describe";
    }

    /** @param reply null if nothing was sent */
    private static ObjectFields read(String object, OrgCalls.Reply reply) {
        if (reply == null || reply.failure() != null) {
            throw new DescribeFault("Salesforce did not describe " + object + " in time", false);
        }
        if (reply.status() == NOT_FOUND) {
            throw new DescribeFault(
                    "the org has no object '" + object + "', or the user of the connection may not see it", true);
        }
        if (reply.status() != 200) {
            throw new DescribeFault("Salesforce did not describe " + object + ": it answered " + reply.status(), false);
        }
        try (JsonParser content = EventJson.mapper().createParser(reply.body())) {
            Optional<ObjectFields> fields = ObjectFields.read(content);
            if (fields.isPresent()) {
                return fields.get();
            }
        } catch (IOException e) {
            // reported below
        }
        throw new DescribeFault("Salesforce's description of " + object + " was not understood", false);
    }
}
