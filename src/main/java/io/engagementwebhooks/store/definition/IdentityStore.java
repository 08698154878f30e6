package io.engagementwebhooks.store.definition;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Keeps the ids of named resources. An id is a ULID with the prefix of its kind ({@code wh_}, {@code oc_}, {@code cn_},
 * {@code key_}, {@code sk_}). It is assigned when a name of an account is first seen, and never changes; the name is a label
 * that can move to another id. Thread-safe.
 */
public class IdentityStore {

    /** Up to this many names are looked up one by one; more are read together. */
    private static final int MAX_SINGLE_LOOKUPS = 20;

    /** Names that get ids in one transaction, which other writes wait for. */
    private static final int STEP = 500;

    private static final String ROWS =
            "SELECT a.id, r.kind, r.name, r.id FROM resource r JOIN account a ON a.key = r.account WHERE r.holds_name";
    private static final String OF_NAME = "SELECT r.id FROM resource r JOIN account a ON a.key = r.account"
            + " WHERE a.id = ? AND r.kind = ? AND r.name = ? AND r.holds_name";

    private static final String IS_DEFINED =
            OF_NAME + " AND EXISTS (SELECT 1 FROM definition d WHERE d.resource = r.key AND d.sealed IS NOT NULL)";

    /** A resource defined by the API keeps its name. */
    private static final String IS_MADE = OF_NAME + " AND EXISTS (SELECT 1 FROM definition d WHERE d.resource = r.key"
            + " AND d.sealed IS NOT NULL AND d.managed_by = 'api')";

    private static final String WEBHOOK = "SELECT " + Columns.WEBHOOK
            + " FROM resource r JOIN account a ON a.key = r.account WHERE a.id = ? AND r.kind = 'webhook' AND ";

    private final Writer writer;
    private final Reader reader;
    private final Keys keys;
    private final Clock clock;

    public IdentityStore(Writer writer, Reader reader, Keys keys, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * Returns the ids of names and assigns an id to each new name.
     *
     * @param names the names that are in use
     * @param former former names of renamed resources, by new name. The id of the former name moves to the new name
     *     once, unless the new name has an id or the former name is in use
     * @return the id of each of the names; completes after the commit
     */
    public CompletionStage<Map<ResourceName, String>> assign(
            Collection<ResourceName> names, Map<ResourceName, ResourceName> former) {
        Set<ResourceName> all = Set.copyOf(names);
        Map<ResourceName, String> known = known(all);
        List<ResourceName> missing =
                all.stream().filter(name -> !known.containsKey(name)).toList();
        Map<ResourceName, ResourceName> moving = new HashMap<>(former);
        moving.values().removeAll(all);
        CompletionStage<Map<ResourceName, String>> ids = CompletableFuture.completedFuture(known);
        for (int at = 0; at < missing.size(); at += STEP) {
            List<ResourceName> step = missing.subList(at, Math.min(missing.size(), at + STEP));
            ids = ids.thenCompose(found -> writer.write(statements -> {
                // two instances that see a new name assign one id
                reader.dialect().lock(statements, List.of(Hashes.lock("identities")));
                for (ResourceName name : step) {
                    found.put(name, assign(statements, name, moving.get(name)));
                }
                return found;
            }));
        }
        return ids;
    }

    private Map<ResourceName, String> known(Collection<ResourceName> names) {
        Map<ResourceName, String> known = new HashMap<>();
        if (names.size() <= MAX_SINGLE_LOOKUPS) {
            for (ResourceName name : names) {
                reader.first(OF_NAME, row -> row.getString(1), name.account(), name.kind(), name.name())
                        .ifPresent(id -> known.put(name, id));
            }
            return known;
        }
        Set<ResourceName> nameSet = Set.copyOf(names);
        reader.query(ROWS, row -> {
            ResourceName name = name(row);
            return nameSet.contains(name) ? known.put(name, row.getString(4)) : null;
        });
        return known;
    }

    /** The name in the first three columns: account, kind and name. */
    static ResourceName name(ResultSet row) throws SQLException {
        return new ResourceName(row.getString(1), row.getString(2), row.getString(3));
    }

    private String assign(Statements statements, ResourceName name, ResourceName former) throws SQLException {
        Optional<String> known = idOf(statements, name);
        if (known.isPresent()) {
            return known.get();
        }
        Optional<String> moved =
                former == null || statements.exists(IS_MADE, former.account(), former.kind(), former.name())
                        ? Optional.empty()
                        : idOf(statements, former);
        if (moved.isPresent()) {
            rename(statements, keys.account(statements, name.account()), moved.get(), name);
            return moved.get();
        }
        return make(statements, name);
    }

    /** Whether a definition holds this name. */
    static boolean isDefined(Statements statements, ResourceName name) throws SQLException {
        return statements.exists(IS_DEFINED, name.account(), name.kind(), name.name());
    }

    private static Optional<String> idOf(Statements statements, ResourceName name) throws SQLException {
        return statements.first(OF_NAME, row -> row.getString(1), name.account(), name.kind(), name.name());
    }

    private String make(Statements statements, ResourceName name) throws SQLException {
        String id = ResourceKind.of(name.kind()).idPrefix() + UlidCreator.getMonotonicUlid(clock.millis());
        int account = keys.account(statements, name.account());
        if (name.kind().equals(ResourceKind.WEBHOOK.text())) {
            keys.insertWebhooks(statements, Map.of(new WebhookId(name.account(), id, name.name()), account));
        } else {
            Keys.insertResource(statements, account, name.kind(), id, name.name());
        }
        return id;
    }

    /** Moves a name to a resource; the one that had it keeps it only as a label. */
    static void rename(Statements statements, int account, String id, ResourceName name) throws SQLException {
        statements.update(
                "UPDATE resource SET holds_name = NULL WHERE account = ? AND kind = ? AND name = ? AND holds_name"
                        + " AND id <> ?",
                account,
                name.kind(),
                name.name(),
                id);
        statements.update(
                "UPDATE resource SET name = ?, holds_name = TRUE WHERE account = ? AND id = ?",
                name.name(),
                account,
                id);
    }

    /** Finds a webhook of an account by its id or its present name, whether it is configured or not. */
    public Optional<WebhookId> webhook(String account, String idOrName) {
        Map<Boolean, WebhookId> found = new LinkedHashMap<>();
        reader.query(
                WEBHOOK + "(r.id = ? OR r.name = ? AND r.holds_name)",
                row -> found.putIfAbsent(row.getString(2).equals(idOrName), Columns.webhook(row)),
                account,
                idOrName,
                idOrName);
        return Optional.ofNullable(found.getOrDefault(true, found.get(false)));
    }
}
