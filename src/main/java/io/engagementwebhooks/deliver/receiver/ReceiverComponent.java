package io.engagementwebhooks.deliver.receiver;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** The {@code receiver:} component: a deliver route sends the request that a step before it built. */
@Component("receiver")
public class ReceiverComponent extends DefaultComponent {

    @Metadata(autowired = true, description = "Sends the requests.", label = "advanced")
    private ReceiverCalls calls;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        // a context that starts no route checks routes
        if (calls == null && getCamelContext().isAutoStartup()) {
            throw new IllegalStateException("receiver: needs the engine in the same Camel context; call"
                    + " EngagementWebhooks.embed(main, properties) before the context starts");
        }
        ReceiverEndpoint endpoint = new ReceiverEndpoint(uri, this);
        endpoint.setName(remaining);
        setProperties(endpoint, parameters);
        endpoint.declare();
        return endpoint;
    }

    public ReceiverCalls getCalls() {
        return calls;
    }

    /** Sends the requests. */
    public void setCalls(ReceiverCalls calls) {
        this.calls = calls;
    }
}
