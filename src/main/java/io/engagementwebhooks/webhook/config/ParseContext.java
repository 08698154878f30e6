package io.engagementwebhooks.webhook.config;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The inputs of one reading of the file.
 *
 * @param faults where faults go
 * @param placeholders what placeholders stand for
 * @param urlRule why a URL is refused, if it is
 * @param compiled programs and templates, each compiled once
 * @param defaultMaxAge of a delivery
 * @param clock for what has expired
 */
record ParseContext(
        Faults faults,
        Placeholders placeholders,
        Function<URI, Optional<String>> urlRule,
        Compiled compiled,
        Duration defaultMaxAge,
        Clock clock) {

    /** Whether values are taken as they stand: they come from outside, and nothing here is theirs to read. */
    boolean isLiteral() {
        return placeholders == Placeholders.NONE;
    }
}
