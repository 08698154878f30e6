package io.engagementwebhooks.testkit;

import io.engagementwebhooks.webhook.setup.SetUpReader;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Readers of set-up files by the usual settings. */
public final class SetUpReaders {

    public static final Duration MAX_AGE = Duration.ofDays(7);

    private SetUpReaders() {}

    /** @param urlRule why a URL may not be called */
    public static SetUpReader by(Function<URI, Optional<String>> urlRule) {
        return new SetUpReader(urlRule, MAX_AGE, Clock.systemUTC());
    }

    /** One by which any URL may be called. */
    public static SetUpReader lenient() {
        return by(url -> Optional.empty());
    }
}
