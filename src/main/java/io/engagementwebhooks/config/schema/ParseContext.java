package io.engagementwebhooks.config.schema;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The inputs of one parse.
 *
 * @param faults collects faults
 * @param placeholders resolves placeholders
 * @param urlRule why a URL is refused, if it is
 * @param compiled the cache of programs and templates
 * @param defaultMaxAge of a delivery
 * @param clock for expiry dates
 * @param kept the name of the stored definition that is read or replaced, which passes as it is; empty: none
 */
public record ParseContext(
        FaultCollector faults,
        Placeholders placeholders,
        Function<URI, Optional<String>> urlRule,
        Compiled compiled,
        Duration defaultMaxAge,
        Clock clock,
        String kept) {

    /** The same with other placeholders. */
    public ParseContext with(Placeholders others) {
        return new ParseContext(faults, others, urlRule, compiled, defaultMaxAge, clock, kept);
    }

    /** Whether placeholders are not replaced, since the definition comes from outside. */
    boolean isLiteral() {
        return placeholders == Placeholders.NONE;
    }
}
