package io.engagementwebhooks.outbox;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** The {@code outbox:} component: routes store events by it and take up what is due from it. */
@Component("outbox")
public class OutboxComponent extends DefaultComponent {

    @Metadata(autowired = true, description = "The outbox.", label = "advanced")
    private Outbox outbox;

    @Metadata(autowired = true, description = "Puts a due delivery into an exchange.", label = "advanced")
    private DeliveryTaking deliveryTaking;

    @Metadata(autowired = true, description = "Records how a try ended.", label = "advanced")
    private TryRecording tryRecording;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        OutboxEndpoint endpoint = new OutboxEndpoint(uri, this);
        endpoint.setOperation(
                getCamelContext().getTypeConverter().mandatoryConvertTo(OutboxOperation.class, remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }

    public Outbox getOutbox() {
        return outbox;
    }

    /** The outbox. */
    public void setOutbox(Outbox outbox) {
        this.outbox = outbox;
    }

    public DeliveryTaking getDeliveryTaking() {
        return deliveryTaking;
    }

    /** Puts a due delivery into an exchange. */
    public void setDeliveryTaking(DeliveryTaking deliveryTaking) {
        this.deliveryTaking = deliveryTaking;
    }

    public TryRecording getTryRecording() {
        return tryRecording;
    }

    /** Records how a try ended. */
    public void setTryRecording(TryRecording tryRecording) {
        this.tryRecording = tryRecording;
    }
}
