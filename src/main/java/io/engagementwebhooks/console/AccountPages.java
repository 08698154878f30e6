package io.engagementwebhooks.console;

import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.RoutesView;
import io.engagementwebhooks.api.account.AccountView;
import io.engagementwebhooks.console.signin.Session;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Pages of the operator: accounts and their statistics. Thread-safe. */
record AccountPages(Api api, PageRenderer renderer) implements Area {

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final String AREA = "accounts";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String account = request.segment(1);
        String cursor = request.query().text("cursor");
        Map<String, String> query = Map.of("cursor", cursor, "account", account);
        Map<String, Object> parameters = new LinkedHashMap<>();
        String next;
        if (account.isEmpty()) {
            ListView<AccountView> accounts = api.list(session, "list-accounts", query, AccountView.class);
            parameters.put("accounts", accounts.items());
            parameters.put("countedAt", oldest(accounts.items().stream().map(AccountView::deliveries)));
            next = accounts.next();
        } else {
            ListView<AccountView.Webhook> webhooks =
                    api.list(session, "list-webhooks", query, AccountView.Webhook.class);
            parameters.put("webhooks", webhooks.items());
            parameters.put("countedAt", oldest(webhooks.items().stream().map(AccountView.Webhook::deliveries)));
            next = webhooks.next();
        }
        parameters.put("account", account);
        parameters.put("routes", api.get(session, "show-routes").as(RoutesView.class));
        String path = PATH + (account.isEmpty() ? "" : "/" + Api.encoded(account));
        parameters.put("self", Api.address(path, Map.of("cursor", cursor)));
        parameters.put("next", next == null ? null : Api.address(path, Map.of("cursor", next)));
        return renderer.page(
                "accounts", account.isEmpty() ? "Accounts" : "Account " + account, AREA, session, parameters);
    }

    private static String oldest(Stream<AccountView.Deliveries> counts) {
        return counts.map(AccountView.Deliveries::countedAt)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse("");
    }

    /** In KiB or MiB, rounded up. */
    static String memory(long bytes) {
        return bytes < MIB ? (bytes + KIB - 1) / KIB + " KiB" : (bytes + MIB - 1) / MIB + " MiB";
    }
}
