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
import org.apache.camel.support.SynchronousDelegateProducer;

/** Store engagement events with their deliveries, and consume due deliveries. */
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

    @UriParam(
            label = "producer",
            defaultValue = "false",
            description = "Whether a conflict (an event with the identity of a different event) leaves the other events"
                    + " stored. The result list then holds the exception in place of that event.")
    private boolean continueOnConflict;

    @UriParam(
            label = "producer",
            defaultValue = "false",
            description =
                    "Whether the calling thread waits for the commit and continues the route. Otherwise another thread"
                            + " continues it, which must not wait for another commit.")
    private boolean synchronous;

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
        Producer producer = new OutboxProducer(this);
        return synchronous ? new SynchronousDelegateProducer(producer) : producer;
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

    public boolean isContinueOnConflict() {
        return continueOnConflict;
    }

    public void setContinueOnConflict(boolean continueOnConflict) {
        this.continueOnConflict = continueOnConflict;
    }

    public boolean isSynchronous() {
        return synchronous;
    }

    public void setSynchronous(boolean synchronous) {
        this.synchronous = synchronous;
    }
}
