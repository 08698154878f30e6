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
 * Camel's Salesforce component for one org. It never logs in and holds no secret: {@link OrgLogin} does, and
 * hands the token over.
 */
final class OrgComponent extends SalesforceComponent {

    private static final int CONNECT_MILLIS = 10_000;

    /** Longer than Salesforce lets a call run; each call has its own deadline. */
    private static final int IDLE_MILLIS = 120_000;

    /** What two hundred records are answered with; of a single one less is read. */
    private static final int MOST_BYTES = 1024 * 1024;

    private final HttpClient client;

    OrgComponent(SalesforceConnection connection, OrgClient client) {
        this.client = client;
        setLoginConfig(login(connection));
        setConfig(endpoints(connection, client));
        setHttpClientConnectionTimeout(CONNECT_MILLIS);
        setHttpClientIdleTimeout(IDLE_MILLIS);
        setHttpMaxContentLength(MOST_BYTES);
        // no classes of records are needed with raw payloads; unset, Camel warns once per org
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

    /** Without Camel's logout: the org may have issued the same token to another instance of ours. */
    @Override
    protected void doStop() throws Exception {
        client.stop();
    }
}
