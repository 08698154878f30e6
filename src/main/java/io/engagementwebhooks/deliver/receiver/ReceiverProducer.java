package io.engagementwebhooks.deliver.receiver;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Sends the exchange's request. Thread-safe. */
final class ReceiverProducer extends DefaultAsyncProducer {

    ReceiverProducer(ReceiverEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public ReceiverEndpoint getEndpoint() {
        return (ReceiverEndpoint) super.getEndpoint();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        return getEndpoint()
                .getComponent()
                .getCalls()
                .process(exchange, getEndpoint().declared(), callback);
    }
}
