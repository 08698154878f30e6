package io.engagementwebhooks.contentsquare;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** Makes {@code contentsquare:} endpoints. */
@Component("contentsquare")
public class ContentsquareComponent extends DefaultComponent {

    @Metadata(description = "Options that the endpoints start from.")
    private ContentsquareConfiguration configuration = new ContentsquareConfiguration();

    public ContentsquareComponent() {}

    public ContentsquareComponent(CamelContext context) {
        super(context);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        ContentsquareEndpoint endpoint = new ContentsquareEndpoint(uri, this, configuration.copy());
        endpoint.setOperation(ContentsquareOperation.valueOf(remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }

    public ContentsquareConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(ContentsquareConfiguration configuration) {
        this.configuration = configuration;
    }
}
