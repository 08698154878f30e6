package io.engagementwebhooks.store.definition;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Stores small internal values, such as the last good configuration. Thread-safe; writes complete after their commit.
 */
public interface SettingStore {

    Optional<byte[]> setting(String name);

    CompletionStage<Void> setting(String name, byte[] value);

    /**
     * Stores and removes values, all or none.
     *
     * @param changes by name; empty: removes the value
     */
    CompletionStage<Void> settings(Map<String, Optional<byte[]>> changes);

    /** Stores a value unless there is one. @return the stored value */
    CompletionStage<byte[]> putIfAbsent(String name, byte[] value);
}
