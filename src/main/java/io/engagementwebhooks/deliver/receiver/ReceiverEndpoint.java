package io.engagementwebhooks.deliver.receiver;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Send the request of a delivery to its HTTP receiver, without a thread that waits for the answer. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "receiver",
        title = "Receiver",
        syntax = "receiver:name",
        producerOnly = true,
        category = {Category.HTTP})
public class ReceiverEndpoint extends DefaultEndpoint {

    @UriPath(description = "A name for traces and metrics. Where the request goes the request says.")
    @Metadata(required = true)
    private String name;

    ReceiverEndpoint(String uri, ReceiverComponent component) {
        super(uri, component);
    }

    @Override
    public ReceiverComponent getComponent() {
        return (ReceiverComponent) super.getComponent();
    }

    @Override
    public Producer createProducer() {
        return new ReceiverProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("receiver: cannot be consumed from; use it in a to");
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }
}
