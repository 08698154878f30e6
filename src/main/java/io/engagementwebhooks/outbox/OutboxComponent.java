package io.engagementwebhooks.outbox;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** The {@code outbox:} component: routes store events with it and consume due deliveries from it. */
@Component("outbox")
public class OutboxComponent extends DefaultComponent {

    @Metadata(autowired = true, description = "The outbox.", label = "advanced")
    private Outbox outbox;

    @Metadata(autowired = true, description = "Puts a due delivery into an exchange.", label = "advanced")
    private DeliveryLoader deliveryLoader;

    @Metadata(autowired = true, description = "Records how an attempt ended.", label = "advanced")
    private AttemptRecording attemptRecording;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        // a context that starts no route checks routes
        if (outbox == null && getCamelContext().isAutoStartup()) {
            throw new IllegalStateException("outbox: needs the engine in the same Camel context; call"
                    + " EngagementWebhooks.embed(main, properties) before the context starts");
        }
        OutboxEndpoint endpoint = new OutboxEndpoint(uri, this);
        endpoint.setOperation(
                getCamelContext().getTypeConverter().mandatoryConvertTo(OutboxOperation.class, remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }

    public Outbox getOutbox() {
        return outbox;
    }

    public void setOutbox(Outbox outbox) {
        this.outbox = outbox;
    }

    public DeliveryLoader getDeliveryLoader() {
        return deliveryLoader;
    }

    public void setDeliveryLoader(DeliveryLoader deliveryLoader) {
        this.deliveryLoader = deliveryLoader;
    }

    public AttemptRecording getAttemptRecording() {
        return attemptRecording;
    }

    public void setAttemptRecording(AttemptRecording attemptRecording) {
        this.attemptRecording = attemptRecording;
    }
}
