package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.OAuthClient;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The authentication of a webhook, without secrets. Members that its type does not have are null and left out.
 *
 * @param type none, header, api-key, oauth2, salesforce, contentsquare or custom
 * @param destination of a custom destination
 * @param header name of the header with the API key
 * @param oauth2 the OAuth client
 * @param connection the name of the connection
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AuthenticationView(
        String type, String destination, String header, @JsonUnwrapped Client oauth2, String connection) {

    /**
     * An OAuth client.
     *
     * @param client its name
     * @param renewOn statuses after which a token is renewed
     * @param problem why there is no token now, or null
     */
    public record Client(String client, Set<Integer> renewOn, String problem) {}

    /** @param tokenProblem why deliveries of a client wait for a token now, if they do */
    static AuthenticationView of(Authentication authentication, Function<OAuthClient, Optional<String>> tokenProblem) {
        String destination = authentication instanceof Authentication.Custom custom ? custom.destination() : null;
        String header = authentication.credentials() instanceof Authentication.ApiKey key ? key.header() : null;
        Client client = authentication.credentials() instanceof Authentication.OAuth2 oauth2
                ? new Client(
                        oauth2.client().name(),
                        new TreeSet<>(oauth2.renewOn()),
                        tokenProblem.apply(oauth2.client()).orElse(null))
                : null;
        return new AuthenticationView(
                authentication.type(),
                destination,
                header,
                client,
                UsedBy.connection(authentication).orElse(null));
    }

    /** Why it cannot authenticate now, or null. */
    public String trouble() {
        return oauth2 == null ? null : oauth2.problem();
    }
}
