package io.engagementwebhooks.operate.settings;

import static java.util.Map.entry;

import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.Target;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings that are a number, a size, a duration or a choice, each with its range. Immutable. */
final class TypedSettings {

    private static final int PORTS = 65_535;

    /** Bodies are arrays in memory. */
    private static final long LARGEST_BODY = 1L << 30;

    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(|KiB|MiB|GiB)");
    private static final Map<String, Long> UNITS = Map.of("", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    private static final Kind ANY_DURATION = duration("a duration such as 300ms, 5s, 1m, 2h or 7d", any -> true);
    private static final Kind SOME_TIME =
            duration("a duration longer than 0, such as 5s or 7d", time -> !time.isZero());
    private static final Kind TIME_OR_NEVER = new Kind(
            "a duration such as 12h or 5d, or never",
            text -> text.equals("never") ? Duration.ZERO : SOME_TIME.parse.apply(text));
    private static final Kind LEASE = duration(
            "a duration from 1s to 5m",
            lease -> lease.compareTo(Duration.ofSeconds(1)) >= 0 && lease.compareTo(Duration.ofMinutes(5)) <= 0);
    private static final Kind FLAG = choice("true", "false");

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            entry("camel.management.port", number(0, PORTS)),
            entry("camel.server.port", number(0, PORTS)),
            entry("webhooks.deliver.disable-after", TIME_OR_NEVER),
            entry("webhooks.deliver.max-in-flight", number(1, 1_000_000)),
            entry("webhooks.deliver.max-in-flight-per-webhook", number(1, 4096)),
            entry("webhooks.deliver.step-threads", number(4, 4096)),
            entry("webhooks.deliver.threads", number(0, 4096)),
            entry("webhooks.delivery.max-age", SOME_TIME),
            entry("webhooks.ingest.max-body", size(1, LARGEST_BODY)),
            entry("webhooks.ingest.max-deliveries", number(1, 100_000)),
            entry("webhooks.ingest.rate-limit", number(0, 1_000_000)),
            entry("webhooks.ingest.request-timeout", SOME_TIME),
            entry("webhooks.ingest.workers", number(2, 4096)),
            entry("webhooks.kafka.trust-account", FLAG),
            entry("webhooks.mail.max-per-hour", number(Target.Email.MOST, 100_000)),
            entry("webhooks.mail.port", number(1, PORTS)),
            entry("webhooks.management.behind-firewall", FLAG),
            entry("webhooks.metrics.accounts", number(0, 1_000)),
            entry("webhooks.metrics.webhooks", number(0, 10_000)),
            entry("webhooks.profile", choice("dev", "prod")),
            entry("webhooks.retention.attempts", ANY_DURATION),
            entry("webhooks.retention.audit", ANY_DURATION),
            entry("webhooks.retention.identity", ANY_DURATION),
            entry("webhooks.retention.payload", ANY_DURATION),
            entry("webhooks.retention.waiting", ANY_DURATION),
            entry("webhooks.routes.follow", FLAG),
            entry("webhooks.salesforce.keep-alive", SOME_TIME),
            entry("webhooks.server.behind-tls-proxy", FLAG),
            entry("webhooks.server.max-connections", number(0, 1_000_000)),
            entry("webhooks.store.lease", LEASE),
            entry("webhooks.store.max-size", size(0, Long.MAX_VALUE)),
            entry("webhooks.store.max-waiting", number(1, Long.MAX_VALUE)),
            entry("webhooks.tracing", FLAG));

    private final Map<String, Object> values = new HashMap<>();

    /**
     * @param rule what a text must be
     * @param parse throws an {@link IllegalArgumentException} or an {@link ArithmeticException} for another text
     */
    private record Kind(String rule, Function<String, Object> parse) {}

    /** @param faults receives the settings that do not fit; their defaults take their place */
    TypedSettings(PropertyLayers layers, List<String> faults) {
        new TreeMap<>(KINDS).forEach((key, kind) -> {
            try {
                values.put(key, kind.parse.apply(layers.text(key)));
            } catch (IllegalArgumentException | ArithmeticException e) {
                faults.add(key + " must be " + kind.rule + ", not '" + layers.text(key) + "'");
                values.put(key, kind.parse.apply(layers.defaultText(key)));
            }
        });
    }

    boolean flag(String key) {
        return values.get(key).equals("true");
    }

    /** A number, or a size in bytes. */
    long number(String key) {
        return (Long) values.get(key);
    }

    /** A duration; zero: never. */
    Duration duration(String key) {
        return (Duration) values.get(key);
    }

    private static Kind number(long least, long most) {
        String range = most == Long.MAX_VALUE ? " from " + least : " from " + least + " to " + most;
        return kind("a whole number" + range, Long::valueOf, number -> number >= least && number <= most);
    }

    private static Kind size(long least, long most) {
        String range = most == Long.MAX_VALUE ? "" : " from " + least + " to " + most;
        return kind(
                "a number of bytes" + range + ", such as 262144, 256KiB, 10MiB or 2GiB",
                TypedSettings::bytes,
                bytes -> bytes >= least && bytes <= most);
    }

    private static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2)));
    }

    private static Kind duration(String rule, Predicate<Duration> fits) {
        return kind(rule, Durations::parse, fits);
    }

    private static Kind choice(String one, String other) {
        return kind(one + " or " + other, text -> text, text -> text.equals(one) || text.equals(other));
    }

    private static <T> Kind kind(String rule, Function<String, T> parse, Predicate<T> fits) {
        return new Kind(rule, text -> {
            T value = parse.apply(text);
            if (!fits.test(value)) {
                throw new IllegalArgumentException(text);
            }
            return value;
        });
    }
}
