package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.camel.CamelContext;

/** Builds the recorded form of requests to an org, since Camel's component does not expose them. */
final class ShownWrite {

    private ShownWrite() {}

    /** The request of a single delivery's records. */
    static OutgoingRequest single(
            OrgWrite write, ObjectNode fitted, String apiVersion, String instance, Timing timing) {
        if (write.kind() == OrgWrite.Kind.COMPOSITE) {
            return request(instance, CompositeRequest.path(apiVersion), "POST", fitted, timing);
        }
        PlannedRecord record = write.records().get(0);
        return request(
                instance, CompositeRequest.url(record, apiVersion), CompositeRequest.method(record), fitted, timing);
    }

    /**
     * @param body the part of one delivery
     * @param timing of the attempt
     */
    static OutgoingRequest request(String instance, String path, String method, ObjectNode body, Timing timing) {
        return OutgoingRequest.byComponent(
                URI.create(instance + path), method, body.toString().getBytes(StandardCharsets.UTF_8), timing);
    }

    /** The instance URL from the org's login; empty before the first login. */
    static String instance(CamelContext context, String org) {
        return Optional.ofNullable(context.hasComponent(org))
                .filter(OrgComponent.class::isInstance)
                .map(component -> ((OrgComponent) component).getSession().getInstanceUrl())
                .orElse("");
    }
}
