package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The numbers by which rows refer to accounts and webhooks. Used by the writer thread alone. */
final class Names {

    private final Map<String, Integer> accounts = new HashMap<>();
    private final Map<WebhookId, Integer> webhooks = new HashMap<>();

    int account(Connection connection, String id) throws SQLException {
        Integer known = accounts.get(id);
        if (known != null) {
            return known;
        }
        execute(connection, "INSERT INTO account (id) VALUES (?) ON CONFLICT DO NOTHING", id);
        int key = number(connection, "SELECT key FROM account WHERE id = ?", id);
        accounts.put(id, key);
        return key;
    }

    int webhook(Connection connection, WebhookId id) throws SQLException {
        Integer known = webhooks.get(id);
        if (known != null) {
            return known;
        }
        int account = account(connection, id.account());
        execute(
                connection,
                "INSERT INTO webhook (account, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
                account,
                id.name());
        int key = number(connection, "SELECT key FROM webhook WHERE account = ? AND name = ?", account, id.name());
        webhooks.put(id, key);
        return key;
    }

    /** Forgets all: a transaction that may have made some was rolled back, or a name has changed. */
    void forget() {
        accounts.clear();
        webhooks.clear();
    }

    private static void execute(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, values)) {
            statement.executeUpdate();
        }
    }

    private static int number(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, values);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static PreparedStatement prepared(Connection connection, String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }
}
