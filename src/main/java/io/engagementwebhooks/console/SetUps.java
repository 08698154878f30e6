package io.engagementwebhooks.console;

import io.engagementwebhooks.webhook.SetUp;
import java.util.function.Supplier;

/** What is set up, by the file and by the API. Thread-safe. */
public interface SetUps extends Supplier<SetUp> {

    /** What is in effect. */
    @Override
    SetUp get();

    /** What the file sets up. */
    SetUp ofFile();

    /** What the API sets up has changed: it is in effect when this returns. */
    void renew();
}
