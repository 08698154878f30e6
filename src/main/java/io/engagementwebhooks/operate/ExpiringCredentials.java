package io.engagementwebhooks.operate;

import io.engagementwebhooks.deliver.contentsquare.CredentialAge;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.Config;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of credentials that will soon be too old: in the health detail, and once a day in the log. Thread-safe. */
final class ExpiringCredentials implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ExpiringCredentials.class);
    private static final int LOOK_MINUTES = 60;

    private final Supplier<Config> config;
    private final Clock clock;
    private final Map<String, LocalDate> told = new ConcurrentHashMap<>();
    private final ScheduledExecutorService looking =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "expiring-credentials"));

    ExpiringCredentials(Supplier<Config> config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    void start() {
        looking.scheduleWithFixedDelay(FatalErrors.watched(this::tell), 1, LOOK_MINUTES, TimeUnit.MINUTES);
    }

    /** Warnings that hold now; empty: there are none. */
    List<String> warnings() {
        return config.get().resources().contentsquare().stream()
                .map(connection -> CredentialAge.of(connection, clock))
                .flatMap(Optional::stream)
                .filter(CredentialAge::warns)
                .map(CredentialAge::text)
                .toList();
    }

    /** Logs what was not logged today. @return what was logged */
    List<String> tell() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<String> warnings = warnings();
        told.keySet().retainAll(List.copyOf(warnings));
        List<String> untold = warnings.stream()
                .filter(warning -> !today.equals(told.put(warning, today)))
                .toList();
        untold.forEach(LOG::warn);
        return untold;
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
