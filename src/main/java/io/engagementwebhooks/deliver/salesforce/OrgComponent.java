package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.component.salesforce.AuthenticationType;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceEndpoint;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.component.salesforce.SalesforceLoginConfig;
import org.apache.camel.component.salesforce.internal.OperationName;
import org.apache.camel.component.salesforce.internal.SalesforceSession;
import org.apache.camel.component.salesforce.internal.client.RawClient;

/**
 * Camel's Salesforce component for one org, with the operation <i>raw</i>. It never logs in and holds no secret: its
 * requests are sent by {@link OrgCalls} with the token of {@link OrgSession}.
 */
final class OrgComponent extends SalesforceComponent {

    private static final int CONNECT_MILLIS = 10_000;

    /** Longer than Salesforce's limit for a call; each call has its own deadline. */
    private static final int IDLE_MILLIS = 120_000;

    private final OrgCalls calls;

    OrgComponent(SalesforceConnection connection, OrgClient client, OrgCalls calls) {
        this.calls = calls;
        setLoginConfig(login(connection));
        setConfig(endpoints(connection, client));
        setHttpClientConnectionTimeout(CONNECT_MILLIS);
        setHttpClientIdleTimeout(IDLE_MILLIS);
        // unused with raw payloads; if unset, Camel logs a warning per org
        setPackages(OrgComponent.class.getPackageName());
    }

    private static SalesforceLoginConfig login(SalesforceConnection connection) {
        SalesforceLoginConfig login = new SalesforceLoginConfig();
        login.setLoginUrl(connection.loginUrl().toString());
        login.setType(AuthenticationType.CLIENT_CREDENTIALS);
        login.setLazyLogin(true);
        return login;
    }

    private static SalesforceEndpointConfig endpoints(SalesforceConnection connection, OrgClient client) {
        SalesforceEndpointConfig config = new SalesforceEndpointConfig();
        config.setApiVersion(connection.apiVersion());
        config.setRawPayload(true);
        config.setHttpClient(client);
        return config;
    }

    /** Other operations would use Camel's clients. */
    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        if (!remaining.equals(OperationName.RAW.value())) {
            throw new IllegalArgumentException("the component of an org has the operation 'raw' only");
        }
        return super.createEndpoint(uri, remaining, parameters);
    }

    @Override
    public RawClient createRawClientFor(SalesforceEndpoint endpoint) {
        return calls;
    }

    /** None: Camel's producer would log in by it. */
    @Override
    public SalesforceSession getSession() {
        return null;
    }
}
