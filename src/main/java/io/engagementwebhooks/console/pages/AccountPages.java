package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the operator sees: accounts and everybody's figures. Thread-safe. */
final class AccountPages implements Area {

    private static final String AREA = "accounts";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    private final Api api;
    private final Look look;

    AccountPages(Api api, Look look) {
        this.api = api;
        this.look = look;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String account = request.segment(1);
        Map<String, String> query = new LinkedHashMap<>();
        query.put("cursor", request.query().text("cursor"));
        if (!account.isEmpty()) {
            query.put("account", account);
        }
        JsonNode page = account.isEmpty()
                ? api.get(session, "listAccounts", "/v1/accounts", query).body()
                : api.get(session, "listWebhooks", "/v1/webhooks", query).body();
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("account", account);
        parameters.put("page", page);
        parameters.put("routes", RoutesState.of(api, session));
        parameters.put(
                "next",
                page.path("next").isTextual()
                        ? PATH + (account.isEmpty() ? "" : "/" + Api.encoded(account)) + "?cursor="
                                + Api.encoded(page.path("next").asText())
                        : null);
        return look.page("accounts", account.isEmpty() ? "Accounts" : "Account " + account, AREA, session, parameters);
    }
}
