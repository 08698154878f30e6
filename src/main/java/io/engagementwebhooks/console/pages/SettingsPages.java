package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Settings: OAuth clients, connections, keys and the account. Thread-safe. */
final class SettingsPages implements Area {

    private static final String AREA = "settings";

    private final Api api;
    private final Look look;

    SettingsPages(Api api, Look look) {
        this.api = api;
        this.look = look;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        return show(session);
    }

    private PageAnswer show(Session session) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("clients", items(session, "listOAuthClients", "oauth-clients"));
        parameters.put("connections", items(session, "listConnections", "connections"));
        parameters.put("signingKeys", items(session, "listSigningKeys", "signing-keys"));
        parameters.put("apiKeys", session.mayChange() ? items(session, "listApiKeys", "api-keys") : null);
        return look.page("settings", "Settings", AREA, session, parameters);
    }

    private JsonNode items(Session session, String step, String kind) {
        return api.get(session, step, Api.path(kind), Map.of("limit", "200"))
                .body()
                .path("items");
    }
}
