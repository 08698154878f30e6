package io.engagementwebhooks.console;

import io.engagementwebhooks.webhook.Config;
import java.util.function.Supplier;

/** What is set up, by the file and by the API. Thread-safe. */
public interface ConfigSource extends Supplier<Config> {

    /** What is in effect. */
    @Override
    Config get();

    /** What the file sets up. */
    Config ofFile();

    /** What the API sets up has changed: it is in effect when this returns. */
    void renew();
}
