package io.engagementwebhooks.store;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Keeps small values of the product itself, such as the last good configuration. Thread-safe; writes complete after their commit. */
public interface SettingStore {

    Optional<byte[]> setting(String name);

    CompletionStage<Void> setting(String name, byte[] value);

    /**
     * Keeps and removes values, all or none.
     *
     * @param changes by name; empty: removed, if it is there
     */
    CompletionStage<Void> settings(Map<String, Optional<byte[]>> changes);

    /** Keeps a value unless there is one already. @return the value that is kept now */
    CompletionStage<byte[]> settingUnlessThere(String name, byte[] value);
}
