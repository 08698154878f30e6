package io.engagementwebhooks.deliver.salesforce;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.Producer;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceEndpoint;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.component.salesforce.internal.OperationName;
import org.apache.camel.component.salesforce.internal.client.RawClient;

/**
 * Camel's Salesforce component with the operation <i>raw</i>, for all orgs. {@link OrgCalls} take the place of its HTTP
 * client, which has one timeout for all requests, logs in up to three times after each 401, and quotes responses and URLs
 * in exceptions. The component has no session and no secret.
 */
final class OrgComponent extends SalesforceComponent {

    static final String SCHEME = "salesforce-org";

    OrgComponent() {
        SalesforceEndpointConfig options = new SalesforceEndpointConfig();
        options.setRawPayload(true);
        setConfig(options);
    }

    /** Other operations would use Camel's client. */
    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        if (!remaining.equals(OperationName.RAW.value())) {
            throw new IllegalArgumentException("the component of orgs has the operation 'raw' only");
        }
        SalesforceEndpointConfig options = getConfig().copy();
        setProperties(options, parameters);
        return new SalesforceEndpoint(uri, this, options, OperationName.RAW, null) {
            @Override
            public Producer createProducer() throws Exception {
                return new OrgProducer(this);
            }
        };
    }

    @Override
    public RawClient createRawClientFor(SalesforceEndpoint endpoint) {
        return OrgProducer::send;
    }

    /** Starts nothing: Camel would start its HTTP client with its threads, and search the class path. */
    @Override
    protected void doStart() {}
}
