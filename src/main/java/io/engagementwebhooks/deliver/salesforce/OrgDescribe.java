package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.core.JsonParser;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Reservation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Requests an object's description with the session's token. Uses the org's client, since Camel's operation limits
 * responses to the size of those to deliveries.
 *
 * @param memory of the account; reserved as the response arrives
 */
record OrgDescribe(OrgClient client, SalesforceComponent component, String apiVersion, AccountLedger memory) {

    private static final int NOT_FOUND = 404;

    /** Objects with 1000 fields and long picklists take several megabytes. */
    private static final int MOST_BYTES = 8 * 1024 * 1024;

    /** Memory factor of a response while it is read: parts, whole, and parsed. */
    private static final int COPIES = 3;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Describes an object. Needs a session. Fails with {@link DescribeFault}. */
    CompletableFuture<ObjectFields> of(String object) {
        Reservation reserved = memory.reserve(0);
        try {
            Request request = client.newHttpRequest(new HttpConversation(), url(object))
                    .headers(headers -> headers.put(HttpHeader.ACCEPT, "application/json"))
                    .onResponseContent((response, part) -> reserve(reserved, response, part.remaining()))
                    .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return new CompletableResponseListener(request, MOST_BYTES)
                    .send()
                    .handle((answer, failure) -> failure == null ? read(object, answer) : fail(object))
                    .whenComplete((fields, failure) -> reserved.close());
        } catch (IllegalArgumentException e) {
            reserved.close();
            return CompletableFuture.failedFuture(
                    new DescribeFault("'" + object + "' is no API name of an object", true));
        }
    }

    private static void reserve(Reservation reserved, Response response, int bytes) {
        if (!reserved.tryGrow((long) COPIES * bytes)) {
            response.abort(new BudgetExceededException(false));
        }
    }

    private URI url(String object) {
        return URI.create(component.getSession().getInstanceUrl() + "/services/data/v" + apiVersion + "/sobjects/"
                + object + "/describe");
    }

    private static ObjectFields fail(String object) {
        throw new DescribeFault("Salesforce did not describe " + object + " in time", false);
    }

    private static ObjectFields read(String object, ContentResponse answer) {
        if (answer.getStatus() == NOT_FOUND) {
            throw new DescribeFault(
                    "the org has no object '" + object + "', or the user of the connection may not see it", true);
        }
        if (answer.getStatus() != 200) {
            throw new DescribeFault(
                    "Salesforce did not describe " + object + ": it answered " + answer.getStatus(), false);
        }
        try (JsonParser content = EventJson.mapper().createParser(answer.getContent())) {
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
