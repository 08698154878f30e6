package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.component.salesforce.AuthenticationType;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.component.salesforce.SalesforceLoginConfig;
import org.eclipse.jetty.client.HttpClient;

/**
 * Camel's Salesforce component for one org. It never logs in and holds no secret; {@link OrgLogin} logs in and passes
 * the token.
 */
final class OrgComponent extends SalesforceComponent {

    private static final int CONNECT_MILLIS = 10_000;

    /** Longer than Salesforce's limit for a call; each call has its own deadline. */
    private static final int IDLE_MILLIS = 120_000;

    /** Fits the response to 200 records; of a single record's response less is read. */
    private static final int MOST_BYTES = 1024 * 1024;

    private final HttpClient client;

    OrgComponent(SalesforceConnection connection, OrgClient client) {
        this.client = client;
        setLoginConfig(login(connection));
        setConfig(endpoints(connection, client));
        setHttpClientConnectionTimeout(CONNECT_MILLIS);
        setHttpClientIdleTimeout(IDLE_MILLIS);
        setHttpMaxContentLength(MOST_BYTES);
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

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        return new OrgEndpoint(uri, this, super.createEndpoint(uri, remaining, parameters));
    }

    /** Stops without Camel's logout: the org may have issued the same token to another instance. */
    @Override
    protected void doStop() throws Exception {
        client.stop();
    }
}
