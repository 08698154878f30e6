package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Step <i>choose-org</i>: logs in at the delivery's org if need be, and leaves the scheme of its endpoints in the
 * property {@value #ORG}. Without a session the exchange fails, and {@link SalesforceFailures} says until when to wait.
 * No thread waits for a login. Thread-safe.
 */
public final class ChooseOrg extends AsyncProcessorSupport {

    /** String: the scheme under which the org's endpoints are reached. */
    public static final String ORG = "salesforceOrg";

    private final SalesforceOrgs orgs;

    public ChooseOrg(SalesforceOrgs orgs) {
        this.orgs = orgs;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        SalesforceOrg org = orgs.lease(connection(exchange));
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                org.release();
            }
        });
        exchange.setProperty(ORG, org.scheme());
        CompletableFuture<String> session = org.open();
        if (session.isDone()) {
            session.whenComplete((token, failure) -> fail(exchange, failure));
            callback.done(true);
            return true;
        }
        session.whenCompleteAsync(
                (token, failure) -> {
                    fail(exchange, failure);
                    callback.done(false);
                },
                org.workers());
        return false;
    }

    private static SalesforceConnection connection(Exchange exchange) {
        return ((Authentication.Salesforce)
                        Progress.delivery(exchange).webhook().delivery().authentication())
                .connection();
    }

    private static void fail(Exchange exchange, Throwable failure) {
        if (failure != null) {
            exchange.setException(failure instanceof CompletionException ? failure.getCause() : failure);
        }
    }
}
