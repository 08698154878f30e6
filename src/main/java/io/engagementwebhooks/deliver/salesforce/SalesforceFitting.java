package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.store.outcome.RecordKey;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step <i>fit-record</i>: fits the planned records to the org's descriptions and sets them as JSON body. Notes on the
 * attempt list truncations (semantics 9) and records omitted as superseded (semantics 20). A required field
 * without a value is a {@link io.engagementwebhooks.webhook.template.BodyFault}. Thread-safe.
 */
public final class SalesforceFitting implements Processor {

    @Override
    public void process(Exchange exchange) {
        if (OrgWrite.of(exchange).kind() == OrgWrite.Kind.OWN) {
            return;
        }
        SalesforceConnection connection = SalesforceOrgs.connection(DeliveryContext.delivery(exchange));
        List<String> notes = new ArrayList<>();
        OrgWrite write = withoutSuperseded(exchange, notes);
        RecentSet existing = SalesforceOrg.of(exchange).existing();
        List<ObjectNode> bodies = fitted(write, OrgWrite.objects(exchange), existing, notes);
        ObjectNode body = write.kind() == OrgWrite.Kind.RECORD
                ? bodies.get(0)
                : CompositeRequest.of(write.records(), bodies, connection.apiVersion(), notes);
        exchange.setProperty(OrgWrite.FITTED, body);
        exchange.getMessage().setBody(body.toString());
        if (!notes.isEmpty()) {
            DeliveryContext.of(exchange).note(String.join("; ", notes));
        }
    }

    /** The planned records without superseded ones. */
    private static OrgWrite withoutSuperseded(Exchange exchange, List<String> notes) {
        Map<RecordKey, String> newer = DeliveryContext.of(exchange).superseded();
        if (newer.isEmpty()) {
            return OrgWrite.of(exchange);
        }
        Delivery delivery = DeliveryContext.delivery(exchange);
        OrgWrite write = OrgWrite.of(exchange)
                .without(
                        record -> record.key()
                                .map(key -> newer.get(SalesforceRecord.recordKey(delivery, key)))
                                .filter(Objects::nonNull)
                                .findFirst(),
                        notes);
        exchange.setProperty(OrgWrite.PROPERTY, write);
        return write;
    }

    private static List<ObjectNode> fitted(
            OrgWrite write, Map<String, ObjectFields> objects, RecentSet known, List<String> notes) {
        List<ObjectNode> bodies = new ArrayList<>();
        for (PlannedRecord record : write.records()) {
            boolean exists = record.key().anyMatch(known::contains);
            bodies.add(record.fitted(OrgWrite.known(record.object(), objects), exists, notes));
        }
        return bodies;
    }
}
