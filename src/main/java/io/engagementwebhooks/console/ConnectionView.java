package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/** A connection in the API, without its secrets. */
public sealed interface ConnectionView extends SettingView {

    String clientId();

    /** {@code salesforce} or {@code contentsquare}. */
    String type();

    /** The host of its login. */
    String host();

    /** Its state, or null: unknown. */
    Status status();

    /** The day on which its credentials expire, or null. */
    default String expiresOn() {
        return null;
    }

    UsedBy usedBy();

    /**
     * State of a connection.
     *
     * @param problem why it does not work now, or null
     * @param until when the next request is sent, or null
     * @param requestsUsed the org's requests in 24 hours, or null
     * @param requestsLimit their limit, or null
     * @param usedAt when that was reported, or null
     */
    record Status(String problem, String until, Long requestsUsed, Long requestsLimit, String usedAt) {}

    /** A Salesforce org. */
    record Salesforce(
            String id,
            String name,
            String type,
            String loginUrl,
            String login,
            String clientId,
            String apiVersion,
            List<String> instanceSuffixes,
            Status status,
            UsedBy usedBy,
            String managedBy,
            @JsonUnwrapped DefinedView defined)
            implements ConnectionView {

        @Override
        public String host() {
            return loginUrl;
        }
    }

    /** A Contentsquare project. */
    record Contentsquare(
            String id,
            String name,
            String type,
            String tokenUrl,
            String clientId,
            String scope,
            Long projectId,
            long integrationVersion,
            String endpointSuffix,
            int batchSize,
            String createdOn,
            String expiresOn,
            List<Field> schema,
            Status status,
            UsedBy usedBy,
            String managedBy,
            @JsonUnwrapped DefinedView defined)
            implements ConnectionView {

        /** A field of the integration's schema. */
        public record Field(String name, String type, boolean optional) {}

        @Override
        public String host() {
            return tokenUrl;
        }
    }

    /** Result of a test. @param connection its name */
    record Test(String connection, String type, boolean ok, List<Finding> findings) {}

    /** @param level ok, warning or fault; webhook and field are null if it concerns none */
    record Finding(String level, String webhook, String field, String text) {}
}
