package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * The keys of accounts and webhooks, cached since they never change. Lookups are thread-safe; a writer thread inserts
 * missing rows.
 */
final class Keys {

    /** The key of an account or webhook without a row. */
    static final int NONE = -1;

    private static final String ACCOUNT = "SELECT key FROM account WHERE id = ?";
    private static final String WEBHOOK = "SELECT r.key FROM resource r JOIN account a ON a.key = r.account"
            + " JOIN webhook w ON w.key = r.key WHERE a.id = ? AND r.id = ?";

    private final Reader reader;
    private final DataSource separatePool;

    private final Map<String, Integer> accounts = new ConcurrentHashMap<>();
    private final Map<WebhookId, Integer> webhooks = new ConcurrentHashMap<>();

    /** Rows of the writer's open transaction; cached after its commit. */
    private final Map<String, Integer> newAccounts = new HashMap<>();

    private final Map<WebhookId, Integer> newWebhooks = new HashMap<>();

    /** @param separatePool for separate transactions that insert rows, or null: the writer's transaction inserts them */
    Keys(Reader reader, DataSource separatePool) {
        this.reader = reader;
        this.separatePool = separatePool;
    }

    /** The key of an account, or {@link #NONE}. */
    int find(String account) {
        Integer known = accounts.get(account);
        if (known == null) {
            known = reader.first(ACCOUNT, row -> row.getInt(1), account).orElse(null);
            if (known != null) {
                accounts.put(account, known);
            }
        }
        return known == null ? NONE : known;
    }

    /** The key of a webhook, or {@link #NONE}. */
    int find(WebhookId webhook) {
        Integer known = webhooks.get(webhook);
        if (known == null) {
            known = reader.first(WEBHOOK, row -> row.getInt(1), webhook.account(), webhook.id())
                    .orElse(null);
            if (known != null) {
                webhooks.put(webhook, known);
            }
        }
        return known == null ? NONE : known;
    }

    /** The key of an account; inserts a missing row. */
    int account(Statements statements, String id) throws SQLException {
        Integer known = accounts.get(id);
        known = known == null ? newAccounts.get(id) : known;
        if (known != null) {
            return known;
        }
        if (separatePool != null) {
            return put(accounts, id, inTransaction(made -> insertAccount(made, id)));
        }
        return put(newAccounts, id, insertAccount(statements, id));
    }

    /** The key of a webhook; inserts a missing row. */
    int webhook(Statements statements, WebhookId id) throws SQLException {
        Integer known = webhooks.get(id);
        known = known == null ? newWebhooks.get(id) : known;
        if (known != null) {
            return known;
        }
        int account = account(statements, id.account());
        if (separatePool != null) {
            return put(webhooks, id, inTransaction(made -> insertWebhook(made, account, id)));
        }
        return put(newWebhooks, id, insertWebhook(statements, account, id));
    }

    private static <K> int put(Map<K, Integer> where, K key, int number) {
        where.put(key, number);
        return number;
    }

    private <T> T inTransaction(Writer.Work<T> work) throws SQLException {
        try (Connection connection = separatePool.getConnection()) {
            return work.in(new Statements(connection, reader.dialect()));
        }
    }

    private static int insertAccount(Statements statements, String id) throws SQLException {
        statements.update("INSERT INTO account (id) VALUES (?) ON CONFLICT DO NOTHING", id);
        return statements.first(ACCOUNT, row -> row.getInt(1), id).orElseThrow();
    }

    static int insertWebhook(Statements statements, int account, WebhookId id) throws SQLException {
        int key = insertResource(statements, account, ResourceKind.WEBHOOK.text(), id.id(), id.name());
        statements.update(
                "INSERT INTO webhook (key, account, partition) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                key,
                account,
                Ownership.partition(id));
        return key;
    }

    /** Inserts a resource unless its id exists; a name that another resource holds stays there. @return its key */
    static int insertResource(Statements statements, int account, String kind, String id, String name)
            throws SQLException {
        statements.update(
                "INSERT INTO resource (account, kind, id, name, holds_name) SELECT CAST(? AS int), ?, ?, ?,"
                        + " CASE WHEN NOT EXISTS (SELECT 1 FROM resource WHERE account = ? AND kind = ? AND name = ?"
                        + " AND holds_name) THEN TRUE END WHERE TRUE ON CONFLICT DO NOTHING",
                account,
                kind,
                id,
                name,
                account,
                kind,
                name);
        return statements
                .first("SELECT key FROM resource WHERE account = ? AND id = ?", row -> row.getInt(1), account, id)
                .orElseThrow(() -> new SQLException("another transaction took the name", "40001"));
    }

    void committed() {
        accounts.putAll(newAccounts);
        webhooks.putAll(newWebhooks);
        rolledBack();
    }

    void rolledBack() {
        newAccounts.clear();
        newWebhooks.clear();
    }
}
