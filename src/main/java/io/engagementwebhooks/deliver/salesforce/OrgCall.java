package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A call to an org: what Camel's component cannot take from an exchange. It is no message header, since logs and tracers
 * show those, and the webhook's own headers and query may hold keys.
 *
 * @param request its headers and query are sent too
 */
record OrgCall(OrgCalls org, OutgoingRequest request, OrgCalls.Terms terms) {

    /** {@link OrgCall}: set by step <i>write-in-batch</i>. */
    static final String PROPERTY = "salesforceCall";

    /** Sends it. @param path without query @param headers those that the route names */
    CompletableFuture<Answer> send(String method, String path, Map<String, List<String>> headers, byte[] body) {
        String query = request.url().getRawQuery();
        String target = query == null ? path : path + "?" + query;
        return org.send(
                (instance, deadline) -> {
                    OutgoingRequest sent = OutgoingRequest.measured(
                            org.account(), URI.create(instance + target), method, body, deadline, request.timing());
                    request.forEachHeader(sent::header);
                    headers.forEach((name, values) -> sent.header(name, values.get(0)));
                    return sent;
                },
                terms);
    }
}
