package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/** A connection as the API shows it, without its secrets. */
public sealed interface ConnectionView extends SettingView {

    String name();

    String clientId();

    /** {@code salesforce} or {@code contentsquare}. */
    String type();

    /** Where it logs in. */
    String host();

    /** What is known of its use, or null. */
    Status status();

    /** The day on which its credentials end, or null. */
    String expiresOn();

    UsedBy usedBy();

    /**
     * What is known of a connection's use.
     *
     * @param problem why it does not work now, or null
     * @param until when it is tried again, or null
     * @param requestsUsed of the org's requests in 24 hours, or null
     * @param requestsLimit of them, or null
     * @param usedAt when that was known, or null
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

        @Override
        public String expiresOn() {
            return null;
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

    /** What a test found. @param connection its name */
    record Test(String connection, String type, boolean ok, List<Finding> findings) {}

    /** @param level ok, warning or error; webhook and field are null where it is about none */
    record Finding(String level, String webhook, String field, String text) {}
}
