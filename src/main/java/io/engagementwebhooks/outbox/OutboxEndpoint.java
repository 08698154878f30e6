package io.engagementwebhooks.outbox;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Store engagement events with their deliveries, and take up deliveries that are due. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "outbox",
        title = "Outbox",
        syntax = "outbox:operation",
        remote = false,
        category = {Category.CORE})
public class OutboxEndpoint extends DefaultEndpoint {

    @UriPath(description = "What to do: accept (to) or due (from).")
    @Metadata(required = true)
    private OutboxOperation operation;

    @UriParam(label = "consumer", defaultValue = "48", description = "How many deliveries are worked on at a time.")
    private int workers = 48;

    OutboxEndpoint(String uri, OutboxComponent component) {
        super(uri, component);
    }

    @Override
    public OutboxComponent getComponent() {
        return (OutboxComponent) super.getComponent();
    }

    @Override
    public Producer createProducer() {
        if (operation != OutboxOperation.accept) {
            throw new IllegalArgumentException("outbox:" + operation + " cannot be sent to; use outbox:accept");
        }
        return new OutboxProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (operation != OutboxOperation.due) {
            throw new IllegalArgumentException("outbox:" + operation + " cannot be consumed from; use outbox:due");
        }
        OutboxConsumer consumer = new OutboxConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    public OutboxOperation getOperation() {
        return operation;
    }

    public void setOperation(OutboxOperation operation) {
        this.operation = operation;
    }

    public int getWorkers() {
        return workers;
    }

    public void setWorkers(int workers) {
        this.workers = workers;
    }
}
