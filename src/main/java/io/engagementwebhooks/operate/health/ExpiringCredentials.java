package io.engagementwebhooks.operate.health;

import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.deliver.contentsquare.CredentialAge;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of credentials that expire soon or are refused, in the health detail and daily in the log. Thread-safe. */
public final class ExpiringCredentials {

    private static final Logger LOG = LoggerFactory.getLogger(ExpiringCredentials.class);

    private final Supplier<Config> config;
    private final ConnectionStatus salesforce;
    private final Clock clock;
    private final Map<String, LocalDate> warnedOn = new ConcurrentHashMap<>();

    /** @param salesforce knows refused logins */
    public ExpiringCredentials(Supplier<Config> config, ConnectionStatus salesforce, Clock clock) {
        this.config = config;
        this.salesforce = salesforce;
        this.clock = clock;
    }

    /** The current warnings. */
    List<String> warnings() {
        Config current = config.get();
        Stream<String> refused = current.resources().of(SalesforceConnection.class).stream()
                .flatMap(connection -> salesforce.credentialFault(new Authentication.Salesforce(connection)).stream()
                        .map(fault -> connection + ": " + fault));
        return Stream.concat(warnings(current, clock).stream(), refused).toList();
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
