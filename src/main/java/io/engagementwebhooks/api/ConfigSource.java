package io.engagementwebhooks.api;

import io.engagementwebhooks.webhook.Config;
import java.util.function.Supplier;

/** The active configuration, from the file and the API. Thread-safe. */
public interface ConfigSource extends Supplier<Config> {

    /** The active configuration. */
    @Override
    Config get();

    /** The configuration of the file. */
    Config ofFile();

    /** Applies changed definitions of the API: they are in effect when this returns. */
    void renew();
}
