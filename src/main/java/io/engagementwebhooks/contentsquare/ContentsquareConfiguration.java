package io.engagementwebhooks.contentsquare;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Objects;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** Options that the component and its endpoints share. An endpoint works on a copy of the component's. */
@UriParams
public class ContentsquareConfiguration implements Cloneable {

    @UriParam(
            defaultValue = ContentsquareAccess.DEFAULT_TOKEN_URL,
            description = "URL of the token service. It must be https, or plain http as allowPlainHttpLoopback says.")
    private String tokenUrl = ContentsquareAccess.DEFAULT_TOKEN_URL;

    @UriParam(label = "security", description = "Client id of the OAuth credentials that the customer handed over.")
    private String clientId;

    @UriParam(
            label = "security",
            secret = true,
            description = "Client secret of the OAuth credentials that the customer handed over.")
    private String clientSecret;

    @UriParam(
            label = "security",
            description = "Scope to ask a token for. The token request has no scope if none is given.")
    private String scope;

    @UriParam(
            description = "Project of the enrichments whose body and headers name none, and of the token request."
                    + " Account-level credentials need it.")
    private Long projectId;

    @UriParam(defaultValue = "1", description = "Version of the integration that the customer installed.")
    private int integrationVersion = 1;

    @UriParam(
            description = "For the operation request: the path under the endpoint that comes with the token, such as"
                    + " /v1/calls. It may have a query.")
    private String path;

    @UriParam(
            defaultValue = "POST",
            enums = "POST,PUT,PATCH",
            description = "For the operation request: the HTTP method.")
    private String method = "POST";

    @UriParam(
            label = "security",
            defaultValue = ContentsquareAccess.DEFAULT_ENDPOINT_SUFFIX,
            description = "Host that a token answer may name as its endpoint: this one or a host below it, by https."
                    + " An IP address must match exactly.")
    private String endpointSuffix = ContentsquareAccess.DEFAULT_ENDPOINT_SUFFIX;

    @UriParam(
            label = "security",
            defaultValue = "false",
            description = "Whether plain http is allowed where the host is a loopback address such as 127.0.0.1."
                    + " For tests against a stand-in.")
    private boolean allowPlainHttpLoopback;

    @UriParam(
            label = "advanced",
            defaultValue = "15000",
            javaType = "java.time.Duration",
            description =
                    "Time in which an enrichment request must be answered to the last byte. Sending again with a new token has what is"
                            + " left of it.")
    private long requestTimeout = ContentsquareAccess.DEFAULT_REQUEST_TIMEOUT_MILLIS;

    @UriParam(
            label = "advanced",
            defaultValue = "10000",
            javaType = "java.time.Duration",
            description =
                    "Time in which a token request must be answered to the last byte. It is not part of the request's time.")
    private long tokenTimeout = ContentsquareAccess.DEFAULT_TOKEN_TIMEOUT_MILLIS;

    @UriParam(
            label = "advanced",
            description = "Client for every request. The component does not close it. By default the component uses the"
                    + " JDK's.")
    @Metadata(autowired = true)
    private ContentsquareHttpClient httpClient;

    public String getTokenUrl() {
        return tokenUrl;
    }

    public void setTokenUrl(String tokenUrl) {
        this.tokenUrl = tokenUrl;
    }

    public String getClientId() {
        return clientId;
    }

    public void setClientId(String clientId) {
        this.clientId = clientId;
    }

    public String getClientSecret() {
        return clientSecret;
    }

    public void setClientSecret(String clientSecret) {
        this.clientSecret = clientSecret;
    }

    public String getScope() {
        return scope;
    }

    public void setScope(String scope) {
        this.scope = scope;
    }

    public Long getProjectId() {
        return projectId;
    }

    public void setProjectId(Long projectId) {
        this.projectId = projectId;
    }

    public int getIntegrationVersion() {
        return integrationVersion;
    }

    public void setIntegrationVersion(int integrationVersion) {
        this.integrationVersion = integrationVersion;
    }

    public String getPath() {
        return path;
    }

    public void setPath(String path) {
        this.path = path;
    }

    public String getMethod() {
        return method;
    }

    public void setMethod(String method) {
        this.method = method;
    }

    public String getEndpointSuffix() {
        return endpointSuffix;
    }

    public void setEndpointSuffix(String endpointSuffix) {
        this.endpointSuffix = endpointSuffix;
    }

    public boolean isAllowPlainHttpLoopback() {
        return allowPlainHttpLoopback;
    }

    public void setAllowPlainHttpLoopback(boolean allowPlainHttpLoopback) {
        this.allowPlainHttpLoopback = allowPlainHttpLoopback;
    }

    public long getRequestTimeout() {
        return requestTimeout;
    }

    public void setRequestTimeout(long requestTimeout) {
        this.requestTimeout = requestTimeout;
    }

    public long getTokenTimeout() {
        return tokenTimeout;
    }

    public void setTokenTimeout(long tokenTimeout) {
        this.tokenTimeout = tokenTimeout;
    }

    public ContentsquareHttpClient getHttpClient() {
        return httpClient;
    }

    public void setHttpClient(ContentsquareHttpClient httpClient) {
        this.httpClient = httpClient;
    }

    /** Whether these options name credentials; otherwise each exchange needs its access. */
    boolean hasCredentials() {
        return clientId != null || clientSecret != null;
    }

    /**
     * The access with these options.
     *
     * @throws IllegalArgumentException if anything is missing or invalid; the message names all
     */
    ContentsquareAccess access() {
        return new ContentsquareAccess(
                uri(tokenUrl),
                clientId,
                clientSecret,
                scope,
                projectId,
                endpointSuffix,
                allowPlainHttpLoopback,
                Duration.ofMillis(requestTimeout),
                Duration.ofMillis(tokenTimeout),
                null);
    }

    private static URI uri(String text) {
        try {
            return text == null ? null : new URI(text);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    public ContentsquareConfiguration copy() {
        try {
            return (ContentsquareConfiguration) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new RuntimeCamelException(e);
        }
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "ContentsquareConfiguration[tokenUrl=" + tokenUrl + ", clientId=" + clientId + ", projectId="
                + Objects.toString(projectId, "none") + ", integrationVersion=" + integrationVersion + "]";
    }
}
