package io.engagementwebhooks.contentsquare;

import org.apache.camel.spi.Metadata;

/** Names of the message headers, and of the exchange properties, that the component reads and sets. */
public final class ContentsquareConstants {

    @Metadata(
            label = "producer",
            description = "Project of the enrichments, where the body names none. It wins over the option projectId.",
            javaType = "Long")
    public static final String PROJECT_ID = "CamelContentsquareProjectId";

    @Metadata(
            label = "producer",
            description = "Version of the integration, where the body names none. It wins over the option"
                    + " integrationVersion.",
            javaType = "Integer")
    public static final String INTEGRATION_VERSION = "CamelContentsquareIntegrationVersion";

    @Metadata(
            label = "producer",
            description = "For the operation request: the path under the endpoint. It wins over the option path.",
            javaType = "String")
    public static final String PATH = "CamelContentsquarePath";

    @Metadata(
            label = "producer",
            description = "For the operation request: POST, PUT or PATCH. It wins over the option method.",
            javaType = "String")
    public static final String METHOD = "CamelContentsquareMethod";

    @Metadata(
            label = "producer",
            description = "Further headers of the request. No other header of the message is sent, but with the"
                    + " operation request Content-Type.",
            javaType = "java.util.Map<String, String>")
    public static final String REQUEST_HEADERS = "CamelContentsquareRequestHeaders";

    @Metadata(label = "producer", description = "Set to the status code of the answer.", javaType = "Integer")
    public static final String STATUS_CODE = "CamelContentsquareStatusCode";

    /**
     * Exchange property with a {@link ContentsquareAccess} that is used instead of the options, so that one endpoint
     * serves many customers. A property and not a header: headers travel to the next system.
     */
    public static final String ACCESS = "CamelContentsquareAccess";

    /**
     * Exchange property with a {@link ContentsquareRequest} that the operation request sends instead of options,
     * headers and body. A property and not headers: logs and tracers show headers, including keys.
     */
    public static final String REQUEST = "CamelContentsquareRequest";

    /**
     * Exchange property with a {@link Runnable} that runs once there is a token, before the first byte of each request, and
     * throws to send nothing.
     */
    public static final String BEFORE_SENDING = "CamelContentsquareBeforeSending";

    /**
     * Exchange property with an object by which the HTTP client measures a call, also a resend with a new token, but not a
     * token request. The component's own client measures nothing.
     */
    public static final String TIMING = "CamelContentsquareTiming";

    private ContentsquareConstants() {}
}
