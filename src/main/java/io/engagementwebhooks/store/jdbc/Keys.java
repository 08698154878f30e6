package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * The keys of accounts and webhooks, cached since they never change. Lookups are thread-safe; a writer thread inserts
 * missing rows.
 */
public final class Keys {

    /** The key of an account or webhook without a row. */
    static final int NONE = -1;

    private static final String ACCOUNT = "SELECT key FROM account WHERE id = ?";
    private static final String WEBHOOK = "SELECT r.key FROM resource r JOIN account a ON a.key = r.account"
            + " JOIN webhook w ON w.key = r.key WHERE a.id = ? AND r.id = ?";

    /** Rows are inserted in one order, which avoids deadlocks with other instances. */
    private static final Comparator<WebhookId> IN_ORDER =
            Comparator.comparing(WebhookId::account).thenComparing(WebhookId::id);

    private final Reader reader;
    private final DataSource separatePool;
    private final String insertResources;
    private final String insertWebhooks;
    private final String findWebhooks;

    private final Map<String, Integer> accounts = new ConcurrentHashMap<>();
    private final Map<WebhookId, Integer> webhooks = new ConcurrentHashMap<>();

    /** Rows of the writer's open transaction; cached after its commit. */
    private final Map<String, Integer> newAccounts = new HashMap<>();

    private final Map<WebhookId, Integer> newWebhooks = new HashMap<>();

    /** @param separatePool for separate transactions that insert rows, or null: the writer's transaction inserts them */
    public Keys(Reader reader, DataSource separatePool) {
        this.reader = reader;
        this.separatePool = separatePool;
        Dialect dialect = reader.dialect();
        insertResources =
                "INSERT INTO resource (account, kind, id, name, holds_name) SELECT x.account, 'webhook', x.id,"
                        + " x.name, CASE WHEN NOT EXISTS (SELECT 1 FROM resource r WHERE r.account = x.account"
                        + " AND r.kind = 'webhook' AND r.name = x.name AND r.holds_name) THEN TRUE END FROM "
                        + dialect.rows("x", "account int", "id text", "name text")
                        + " WHERE TRUE ON CONFLICT DO NOTHING";
        // no join: PostgreSQL may read all resources for each row of a part while it does not know their number
        findWebhooks =
                "SELECT x.place, (SELECT r.key FROM resource r WHERE r.account = x.account AND r.id = x.id) FROM "
                        + dialect.rows("x", "place int", "account int", "id text");
        insertWebhooks = "INSERT INTO webhook (key, account, partition) SELECT x.key, x.account, x.partition FROM "
                + dialect.rows("x", "key int", "account int", "partition int") + " WHERE TRUE ON CONFLICT DO NOTHING";
    }

    /** The key of an account, or {@link #NONE}. */
    public int find(String account) {
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
    public int find(WebhookId webhook) {
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
    public int account(Statements statements, String id) throws SQLException {
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
    public int webhook(Statements statements, WebhookId id) throws SQLException {
        insertMissing(statements, List.of(id));
        return known(id);
    }

    private Integer known(WebhookId webhook) {
        Integer known = webhooks.get(webhook);
        return known == null ? newWebhooks.get(webhook) : known;
    }

    /** Inserts missing rows of webhooks, so that {@link #webhook} knows their keys. */
    public void insertMissing(Statements statements, Collection<WebhookId> ids) throws SQLException {
        Map<WebhookId, Integer> missing = new TreeMap<>(IN_ORDER);
        for (WebhookId id : ids) {
            if (known(id) == null) {
                missing.put(id, account(statements, id.account()));
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        if (separatePool != null) {
            webhooks.putAll(inTransaction(made -> insertWebhooks(made, missing)));
        } else {
            newWebhooks.putAll(insertWebhooks(statements, missing));
        }
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

    /**
     * Inserts webhooks unless they exist; a name that another webhook holds stays there.
     *
     * @param missing the keys of their accounts
     * @return their keys
     */
    public Map<WebhookId, Integer> insertWebhooks(Statements statements, Map<WebhookId, Integer> missing)
            throws SQLException {
        List<WebhookId> ids = List.copyOf(missing.keySet());
        statements.update(insertResources, Values.table(List.of("int", "text", "text"), ids, id ->
                new Object[] {missing.get(id), id.id(), id.name()}));
        int[] place = {0};
        Map<WebhookId, Integer> found = new HashMap<>();
        statements.query(
                findWebhooks,
                row -> row.getObject(2) == null ? null : found.put(ids.get(row.getInt(1)), row.getInt(2)),
                Values.table(
                        List.of("int", "int", "text"), ids, id -> new Object[] {place[0]++, missing.get(id), id.id()}));
        if (found.size() < ids.size()) {
            throw tookName();
        }
        statements.update(insertWebhooks, Values.table(List.of("int", "int", "int"), ids, id ->
                new Object[] {found.get(id), missing.get(id), Ownership.partition(id)}));
        return found;
    }

    private static SQLException tookName() {
        return new SQLException("another transaction took the name", "40001");
    }

    /** Inserts a resource unless its id exists; a name that another resource holds stays there. @return its key */
    public static int insertResource(Statements statements, int account, String kind, String id, String name)
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
                .orElseThrow(Keys::tookName);
    }

    void committed() {
        accounts.putAll(newAccounts);
        webhooks.putAll(newWebhooks);
        rolledBack();
    }

    public void rolledBack() {
        newAccounts.clear();
        newWebhooks.clear();
    }
}
