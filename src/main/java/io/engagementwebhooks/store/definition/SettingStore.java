package io.engagementwebhooks.store.definition;

import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Stores small internal values, such as the last uses of keys. Thread-safe; writes complete after their commit.
 */
public class SettingStore {

    public static final String GET = "SELECT value FROM setting WHERE name = ?";

    private static final String PUT = "INSERT INTO setting (name, value) VALUES (?, ?)"
            + " ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    private final Writer writer;
    private final Reader reader;
    private final Cluster cluster;

    public SettingStore(Writer writer, Reader reader, Cluster cluster) {
        this.writer = writer;
        this.reader = reader;
        this.cluster = cluster;
    }

    public Optional<byte[]> setting(String name) {
        return reader.first(GET, row -> row.getBytes(1), name);
    }

    public CompletionStage<Void> setting(String name, byte[] value) {
        return writer.write(statements -> {
            statements.update(PUT, name, value);
            return null;
        });
    }

    /**
     * Stores and removes values, all or none.
     *
     * @param changes by name; empty: removes the value
     */
    public CompletionStage<Void> settings(Map<String, Optional<byte[]>> changes) {
        return writer.<Void>write(statements -> {
                    write(statements, changes);
                    return null;
                })
                .thenApply(done -> {
                    cluster.publish(ClusterEvent.DEFINITIONS, Set.of());
                    return done;
                });
    }

    /** Writes in the caller's transaction. */
    static void write(Statements statements, Map<String, Optional<byte[]>> changes) throws SQLException {
        for (Map.Entry<String, Optional<byte[]>> change : changes.entrySet()) {
            if (change.getValue().isPresent()) {
                statements.update(PUT, change.getKey(), change.getValue().get());
            } else {
                statements.update("DELETE FROM setting WHERE name = ?", change.getKey());
            }
        }
    }

    /** Replaces a value if it is still the known one. @return whether it was */
    public CompletionStage<Boolean> replace(String name, byte[] known, byte[] value) {
        return writer.write(statements ->
                statements.update("UPDATE setting SET value = ? WHERE name = ? AND value = ?", value, name, known)
                        == 1);
    }

    /** Replaces the expected value in the caller's transaction. @return false: it is another one, which stays */
    static boolean replace(Statements statements, DefinitionStore.Setting setting) throws SQLException {
        byte[] now =
                statements.first(GET, row -> row.getBytes(1), setting.name()).orElse(null);
        return Arrays.equals(now, setting.expected().orElse(null))
                && statements.update(PUT, setting.name(), setting.value()) == 1;
    }

    /** Stores a value unless there is one. @return the stored value */
    public CompletionStage<byte[]> putIfAbsent(String name, byte[] value) {
        return writer.write(statements -> {
            statements.update("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, value);
            return statements.first(GET, row -> row.getBytes(1), name).orElseThrow();
        });
    }
}
