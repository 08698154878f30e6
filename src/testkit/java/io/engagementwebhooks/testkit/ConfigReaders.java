package io.engagementwebhooks.testkit;

import io.engagementwebhooks.config.ConfigParser;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Parsers of configuration files with default settings. */
public final class ConfigReaders {

    public static final Duration MAX_AGE = Duration.ofDays(7);

    private ConfigReaders() {}

    /** @param urlRule why a URL is refused */
    public static ConfigParser by(Function<URI, Optional<String>> urlRule) {
        return new ConfigParser(urlRule, MAX_AGE, Clock.systemUTC());
    }

    /** A parser that allows any URL. */
    public static ConfigParser lenient() {
        return by(url -> Optional.empty());
    }
}
