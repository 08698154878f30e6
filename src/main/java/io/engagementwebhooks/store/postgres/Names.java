package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * The numbers of accounts, which never change, and which webhooks have a row. Rows are made in transactions of their own,
 * so that what is known here is there. Thread-safe.
 */
final class Names {

    private final DataSource pool;
    private final Map<String, Integer> accounts = new ConcurrentHashMap<>();
    private final Set<WebhookId> webhooks = ConcurrentHashMap.newKeySet();

    Names(DataSource pool) {
        this.pool = pool;
    }

    int account(String id) throws SQLException {
        Integer known = accounts.get(id);
        if (known != null) {
            return known;
        }
        try (Connection connection = pool.getConnection()) {
            Columns.update(connection, "INSERT INTO account (id) VALUES (?) ON CONFLICT DO NOTHING", id);
            try (PreparedStatement statement =
                            Columns.prepared(connection, "SELECT key FROM account WHERE id = ?", id);
                    ResultSet rows = statement.executeQuery()) {
                rows.next();
                int key = rows.getInt(1);
                accounts.put(id, key);
                return key;
            }
        }
    }

    /** Sees to it that a webhook has a row. */
    void webhook(WebhookId id) throws SQLException {
        if (webhooks.contains(id)) {
            return;
        }
        int account = account(id.account());
        try (Connection connection = pool.getConnection()) {
            Columns.update(
                    connection,
                    "INSERT INTO webhook (account, name, partition) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    account,
                    id.name(),
                    Leases.partition(id));
        }
        webhooks.add(id);
    }

    /** The same for several webhooks of an account, by one statement. */
    void webhooks(String account, List<WebhookId> ids) throws SQLException {
        List<WebhookId> unknown =
                ids.stream().filter(id -> !webhooks.contains(id)).distinct().toList();
        if (unknown.isEmpty()) {
            return;
        }
        int key = account(account);
        try (Connection connection = pool.getConnection()) {
            Columns.update(
                    connection,
                    "INSERT INTO webhook (account, name, partition)"
                            + " SELECT ?, x.name, x.partition FROM unnest(?, ?) x(name, partition) ON CONFLICT DO NOTHING",
                    key,
                    Columns.texts(unknown, WebhookId::name),
                    Columns.ints(unknown, Leases::partition));
        }
        webhooks.addAll(unknown);
    }

    /** Names have changed, here or elsewhere. */
    void forgetWebhooks() {
        webhooks.clear();
    }
}
