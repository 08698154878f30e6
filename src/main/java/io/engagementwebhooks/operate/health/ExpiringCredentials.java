package io.engagementwebhooks.operate.health;

import io.engagementwebhooks.deliver.contentsquare.CredentialAge;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of credentials that expire soon, in the health detail and daily in the log. Thread-safe. */
public final class ExpiringCredentials {

    private static final Logger LOG = LoggerFactory.getLogger(ExpiringCredentials.class);

    private final Supplier<Config> config;
    private final Clock clock;
    private final Map<String, LocalDate> warnedOn = new ConcurrentHashMap<>();

    public ExpiringCredentials(Supplier<Config> config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** The current warnings. */
    List<String> warnings() {
        return warnings(config.get(), clock);
    }

    /** Warnings of a configuration's credentials. */
    public static List<String> warnings(Config config, Clock clock) {
        return config.resources().of(ContentsquareConnection.class).stream()
                .map(connection -> CredentialAge.of(connection, clock))
                .flatMap(Optional::stream)
                .filter(CredentialAge::warns)
                .map(CredentialAge::text)
                .toList();
    }

    /** Logs the warnings of today, once a day each. @return the logged ones */
    public List<String> logDaily() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<String> warnings = warnings();
        warnedOn.keySet().retainAll(List.copyOf(warnings));
        List<String> untold = warnings.stream()
                .filter(warning -> !today.equals(warnedOn.put(warning, today)))
                .toList();
        untold.forEach(LOG::warn);
        return untold;
    }
}
