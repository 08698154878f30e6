package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the operator sees: accounts and everybody's figures. Thread-safe. */
public final class AccountPages implements Area {

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final String AREA = "accounts";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    private final Api api;
    private final PageRenderer look;

    AccountPages(Api api, PageRenderer look) {
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
        String path = PATH + (account.isEmpty() ? "" : "/" + Api.encoded(account));
        String cursor = request.query().text("cursor");
        parameters.put("self", cursor.isEmpty() ? path : path + "?cursor=" + Api.encoded(cursor));
        parameters.put(
                "next",
                page.path("next").isTextual()
                        ? path + "?cursor=" + Api.encoded(page.path("next").asText())
                        : null);
        parameters.put("countedAt", oldestCount(page.path("items")));
        return look.page("accounts", account.isEmpty() ? "Accounts" : "Account " + account, AREA, session, parameters);
    }

    private static String oldestCount(JsonNode items) {
        String oldest = "";
        for (JsonNode item : items) {
            String counted = item.path("countedAt").asText("");
            if (item.path("countedAt").isTextual() && (oldest.isEmpty() || counted.compareTo(oldest) < 0)) {
                oldest = counted;
            }
        }
        return oldest;
    }

    /** As the page shows it, in KiB or MiB, rounded up. */
    public static String memory(long bytes) {
        return bytes < MIB ? (bytes + KIB - 1) / KIB + " KiB" : (bytes + MIB - 1) / MIB + " MiB";
    }
}
