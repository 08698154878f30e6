package io.engagementwebhooks.config;

import io.engagementwebhooks.config.schema.Fault;
import java.util.List;

/** Where the configuration file is applied: the store. Methods are called by one thread at a time. */
public interface FileTarget {

    /** The files that were applied to it. */
    AppliedFiles files();

    /**
     * Applies a file unless a newer one was applied. What it defines is in effect when this returns.
     *
     * @param fingerprint of its content
     * @param isForced whether to apply an older file, too
     * @return faults of definitions that were not applied
     */
    List<Fault> apply(ConfigParser.Good file, String fingerprint, boolean isForced);

    /** Whether definitions that were not applied can be applied now. */
    boolean isRepaired();
}
