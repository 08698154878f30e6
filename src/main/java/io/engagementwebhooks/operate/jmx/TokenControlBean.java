package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.webhook.ResourceKind;
import java.util.Map;
import java.util.TreeMap;

/** Thread-safe. */
final class TokenControlBean implements TokenControl {

    private final JmxLookup known;
    private final TokenSource tokens;

    TokenControlBean(JmxLookup known, TokenSource tokens) {
        this.known = known;
        this.tokens = tokens;
    }

    @Override
    public Map<String, String> problems(String account) {
        Map<String, String> problems = new TreeMap<>();
        known.config().get().oauthClients(known.account(account)).forEach(client -> tokens.problem(client)
                .ifPresent(problem -> problems.put(client.name(), problem)));
        return problems;
    }

    @Override
    public boolean invalidate(String account, String client) {
        boolean dropped = tokens.drop(known.client(account, client));
        if (dropped) {
            known.note(account, "dropped", "token of " + ResourceKind.OAUTH_CLIENT.text(), client, null);
        }
        return dropped;
    }
}
