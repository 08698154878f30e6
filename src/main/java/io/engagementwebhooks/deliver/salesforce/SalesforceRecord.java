package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.step.OrderedRecords;
import io.engagementwebhooks.store.outcome.RecordKey;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;

/**
 * Step <i>build-record</i>: plans the records, and sets exactly the headers that operation <i>raw</i> of Camel's
 * Salesforce component needs. Other headers are removed, since they control the component. Records become the body in
 * {@link SalesforceFitting}; a webhook's own body is set here. A record that cannot be built from the event is a
 * {@link BodyFault}. Thread-safe.
 *
 * @param requests builds requests with webhooks' own bodies
 */
public record SalesforceRecord(RequestBuilding requests) implements Processor {

    /** Property of the planned write, for later steps. */
    public static final String WRITE = OrgWrite.PROPERTY;

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        OrgWrite write = write(exchange, delivery);
        exchange.setProperty(OrgWrite.PROPERTY, write);
        order(exchange, write);
    }

    private OrgWrite write(Exchange exchange, Delivery delivery) {
        Target target = delivery.webhook().delivery().target();
        if (target instanceof Target.Salesforce one) {
            return one(exchange, delivery, OrgWrite.of(one, delivery.content()));
        }
        if (target instanceof Target.SalesforceComposite several) {
            return several(exchange, delivery, OrgWrite.of(several, delivery.content()));
        }
        if (target instanceof Target.OwnRequest own) {
            return own(exchange, requests.request(exchange, own.request()));
        }
        throw new IllegalStateException(
                delivery.webhook() + " writes nothing to Salesforce: the route chose the wrong branch");
    }

    private static OrgWrite one(Exchange exchange, Delivery delivery, OrgWrite write) {
        PlannedRecord record = write.records().get(0);
        String version = SalesforceOrgs.connection(delivery).apiVersion();
        raw(exchange, CompositeRequest.method(record), CompositeRequest.url(record, version));
        return write;
    }

    /** Makes upserts of one record follow the order of events (semantics 20); each creation is a new record. */
    private static void order(Exchange exchange, OrgWrite write) {
        Set<RecordKey> keys = write.keys().stream()
                .map(key -> recordKey(DeliveryContext.delivery(exchange), key))
                .collect(Collectors.toSet());
        if (!keys.isEmpty()) {
            boolean creates = write.records().stream().anyMatch(record -> !record.isUpsert());
            DeliveryContext.of(exchange).records(new OrderedRecords(keys, creates));
        }
    }

    /** The key of an upserted record, for all webhooks of a connection, also after a restart. */
    static RecordKey recordKey(Delivery delivery, String key) {
        SalesforceConnection connection = SalesforceOrgs.connection(delivery);
        return RecordKey.of(delivery.webhook().account(), "salesforce", connection.name(), key);
    }

    private static OrgWrite several(Exchange exchange, Delivery delivery, OrgWrite write) {
        if (write.records().isEmpty()) {
            throw new NothingToWrite("no record of the webhook is asked for by this event");
        }
        SalesforceConnection connection = SalesforceOrgs.connection(delivery);
        raw(exchange, "POST", CompositeRequest.path(connection.apiVersion()));
        return write;
    }

    /** Sets the webhook's own request. Headers and query may hold keys, so they are not set here. */
    private static OrgWrite own(Exchange exchange, OutgoingRequest request) {
        raw(exchange, request.method(), request.url().getRawPath());
        exchange.getMessage().setBody(request.body());
        request.bearer();
        DeliveryContext.of(exchange).planned(request);
        return OrgWrite.own();
    }

    private static void raw(Exchange exchange, String method, String path) {
        Message message = exchange.getMessage();
        message.setHeader(SalesforceEndpointConfig.RAW_METHOD, method);
        message.setHeader(SalesforceEndpointConfig.RAW_PATH, path);
    }

    /** No record is to be written; the delivery is skipped. The message is for the customer. */
    static final class NothingToWrite extends RuntimeException {
        NothingToWrite(String reason) {
            super(reason, null, false, false);
        }
    }
}
