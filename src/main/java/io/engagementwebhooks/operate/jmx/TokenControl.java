package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.webhook.ResourceKind;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;

/** OAuth2 tokens, never their values. Thread-safe. */
@ManagedResource(description = "Tokens of OAuth clients, never their values")
public record TokenControl(JmxLookup known, TokenSource tokens) {

    @ManagedOperation(description = "Errors of OAuth clients whose deliveries wait for a token, by client")
    public Map<String, String> problems(String account) {
        Map<String, String> problems = new TreeMap<>();
        known.config().get().oauthClients(known.account(account)).forEach(client -> tokens.problem(client)
                .ifPresent(problem -> problems.put(client.name(), problem)));
        return problems;
    }

    @ManagedOperation(
            description =
                    "Invalidates the token of an OAuth client, as after a refusal: the next delivery requests a new one."
                            + " Returns whether there was one. Parameters: account, client")
    public boolean invalidate(String account, String client) {
        boolean dropped = tokens.drop(known.client(account, client));
        if (dropped) {
            known.note(account, "dropped", "token of " + ResourceKind.OAUTH_CLIENT.text(), client, null);
        }
        return dropped;
    }
}
