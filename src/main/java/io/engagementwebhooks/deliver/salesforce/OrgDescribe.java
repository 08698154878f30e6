package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Asks an org to describe an object, with the session's token. By the org's client, since Camel's operation answers with
 * no more bytes than an answer to a delivery may have.
 */
final class OrgDescribe {

    private static final int NOT_FOUND = 404;

    /** Objects with a thousand fields and long picklists take some megabytes. */
    private static final int MOST_BYTES = 8 * 1024 * 1024;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final OrgClient client;
    private final SalesforceComponent component;
    private final String apiVersion;

    OrgDescribe(OrgClient client, SalesforceComponent component, String apiVersion) {
        this.client = client;
        this.component = component;
        this.apiVersion = apiVersion;
    }

    /** There must be a session. Fails with {@link DescribeFault}. */
    CompletableFuture<ObjectFields> of(String object) {
        try {
            Request request = client.newHttpRequest(new HttpConversation(), url(object))
                    .headers(headers -> headers.put(HttpHeader.ACCEPT, "application/json"))
                    .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return new CompletableResponseListener(request, MOST_BYTES)
                    .send()
                    .handle((answer, failure) -> failure == null ? read(object, answer) : fail(object));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new DescribeFault("'" + object + "' is no API name of an object", true));
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
        try {
            JsonNode content = EventJson.mapper().readTree(answer.getContent());
            if (content.path("fields").isArray()) {
                return ObjectFields.of(content);
            }
        } catch (IOException e) {
            // told below
        }
        throw new DescribeFault("Salesforce's description of " + object + " was not understood", false);
    }
}
