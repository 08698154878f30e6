package io.engagementwebhooks.contentsquare;

import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Send enrichments of visitor sessions to Contentsquare by its Enrichment API. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "contentsquare",
        title = "Contentsquare",
        syntax = "contentsquare:operation",
        producerOnly = true,
        remote = true,
        category = {Category.API, Category.CLOUD},
        headersClass = ContentsquareConstants.class)
public class ContentsquareEndpoint extends DefaultEndpoint implements AsyncEndpoint, EndpointServiceLocation {

    @UriPath(description = "What to do.")
    @Metadata(required = true)
    private ContentsquareOperation operation;

    @UriParam
    private final ContentsquareConfiguration configuration;

    ContentsquareEndpoint(String uri, ContentsquareComponent component, ContentsquareConfiguration configuration) {
        super(uri, component);
        this.configuration = configuration;
    }

    @Override
    public Producer createProducer() {
        return new ContentsquareProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                "contentsquare: endpoints send only; nothing can be received from them");
    }

    @Override
    public ContentsquareComponent getComponent() {
        return (ContentsquareComponent) super.getComponent();
    }

    @Override
    public String getServiceUrl() {
        return configuration.getTokenUrl();
    }

    @Override
    public String getServiceProtocol() {
        return "https";
    }

    public ContentsquareOperation getOperation() {
        return operation;
    }

    public void setOperation(ContentsquareOperation operation) {
        this.operation = operation;
    }

    public ContentsquareConfiguration getConfiguration() {
        return configuration;
    }
}
