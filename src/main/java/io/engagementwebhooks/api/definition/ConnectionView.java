package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.engagementwebhooks.api.SettingView;
import java.util.List;

/**
 * A connection in the API: its state and its definition.
 *
 * @param type salesforce or contentsquare
 * @param clientId its client id
 * @param host the URL of its login
 * @param expiresOn the day on which its credentials expire, or null
 * @param status its state, or null: unknown
 */
public record ConnectionView(
        String id,
        String name,
        String type,
        String clientId,
        String host,
        String expiresOn,
        Status status,
        UsedBy usedBy,
        String managedBy,
        @JsonUnwrapped DefinedView defined)
        implements SettingView {

    /**
     * State of a connection.
     *
     * @param problem why it does not work now, or null
     * @param until when the next request is sent, or null
     * @param requestsUsed the org's requests in 24 hours, or null
     * @param requestsLimit their limit, or null
     * @param usedAt when that was reported, or null
     */
    public record Status(String problem, String until, Long requestsUsed, Long requestsLimit, String usedAt) {}

    /** Result of a test. @param connection its name */
    public record Test(String connection, String type, boolean ok, List<Finding> findings) {}

    /** @param level ok, warning or fault; webhook and field are null if it concerns none */
    public record Finding(String level, String webhook, String field, String text) {}
}
