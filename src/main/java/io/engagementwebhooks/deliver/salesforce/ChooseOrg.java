package io.engagementwebhooks.deliver.salesforce;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.step.Resuming;
import io.engagementwebhooks.ledger.AsyncStep;
import io.engagementwebhooks.ledger.ExchangeEnd;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Step <i>choose-org</i>: logs in at the delivery's org if necessary, gets the descriptions of its objects, and locks
 * contended parent records. Sets the scheme of the component of orgs in the property {@value #ORG}. Without a session the
 * exchange fails, and {@link SalesforceFailures} sets the retry time. No thread waits. Thread-safe.
 *
 * @param resuming continues the exchanges that waited
 */
public record ChooseOrg(SalesforceOrgs orgs, Resuming resuming) implements AsyncStep {

    /** String: the scheme of the component that sends requests to orgs. */
    public static final String ORG = "salesforceOrg";

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        SalesforceOrg org = orgs.of(SalesforceOrgs.connection(DeliveryContext.delivery(exchange)));
        org.putOn(exchange);
        exchange.setProperty(ORG, OrgComponent.SCHEME);
        CompletableFuture<Void> ready = org.open()
                .thenCompose(token -> describe(exchange, org.objects()))
                .thenCompose(described -> lockParents(exchange, org));
        return resuming.whenDone(
                ready,
                (done, failure) -> {
                    if (failure != null) {
                        exchange.setException(failure);
                    }
                },
                exchange,
                callback);
    }

    /** Gets the descriptions. Without one the record is sent unchanged, and the org reports errors. */
    private static CompletableFuture<Void> describe(Exchange exchange, OrgObjects objects) {
        Map<String, ObjectFields> described = new HashMap<>();
        exchange.setProperty(OrgWrite.OBJECTS, described);
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (String object : OrgWrite.of(exchange).objects()) {
            all = all.thenCompose(before -> objects.of(object))
                    .thenAccept(fields -> described.put(object, fields))
                    .exceptionally(failure -> null);
        }
        return all;
    }

    /** Locks the contended parents; the written records are locked already. */
    private static CompletableFuture<Void> lockParents(Exchange exchange, SalesforceOrg org) {
        Set<String> parents = OrgWrite.of(exchange).parents(OrgWrite.objects(exchange));
        Delivery delivery = DeliveryContext.delivery(exchange);
        return org.parentLocks()
                .acquire(org.contended().contendedOf(parents), time(delivery), delivery.id())
                .thenAccept(lock -> ExchangeEnd.run(exchange, ended -> lock.release()));
    }

    /** The time of the event, or of its acceptance if the sender gave none. */
    private static Instant time(Delivery delivery) {
        Instant time = delivery.event().time();
        return time != null ? time : Ulid.from(delivery.id()).getInstant();
    }
}
