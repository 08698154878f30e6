package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Config;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the configuration file: either a configuration without a fault, or all faults. What is compiled in one reading serves the
 * next one. Thread-safe; one reading at a time.
 */
public final class ConfigParser {

    private final Function<URI, Optional<String>> urlRule;
    private final Duration defaultMaxAge;
    private final Clock clock;
    private Compiled compiled = Compiled.nothing();

    /**
     * @param urlRule why a URL may not be called, for its syntax, scheme or literal address; names are not resolved
     * @param defaultMaxAge how old a delivery may get where its webhook does not say; longer where its retries span more
     * @param clock by which certificates have expired
     */
    public ConfigParser(Function<URI, Optional<String>> urlRule, Duration defaultMaxAge, Clock clock) {
        this.urlRule = Objects.requireNonNull(urlRule);
        this.defaultMaxAge = Objects.requireNonNull(defaultMaxAge);
        this.clock = Objects.requireNonNull(clock);
    }

    /**
     * A file without a fault.
     *
     * @param config what it sets up
     * @param warnings what is legal but hardly meant
     */
    public record Good(Config config, List<Fault> warnings) {
        public Good {
            Objects.requireNonNull(config);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Reads a file.
     *
     * @param file its bytes, UTF-8
     * @param placeholders what its placeholders stand for
     * @throws ConfigFaults if it has faults, with all of them
     */
    public Good read(byte[] file, Placeholders placeholders) throws ConfigFaults {
        return read(file, placeholders, urlRule);
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws ConfigFaults if it has faults, with all of them; one that is too large is not read
     */
    public Good read(Path file, Placeholders placeholders) throws IOException, ConfigFaults {
        return read(YamlText.read(file), placeholders);
    }

    /**
     * Reads a file that was good before: its URLs are not judged again, for the egress rules may have changed since, and
     * they are kept when it is sent.
     */
    Good readKept(byte[] file, Placeholders placeholders) throws ConfigFaults {
        return read(file, placeholders, url -> Optional.empty());
    }

    private synchronized Good read(byte[] file, Placeholders placeholders, Function<URI, Optional<String>> rule)
            throws ConfigFaults {
        Faults faults = new Faults();
        ParseContext reading = new ParseContext(faults, placeholders, rule, compiled.next(), defaultMaxAge, clock);
        ParsedDefinitions gathered = new ParsedDefinitions();
        Optional<YamlNode> root = YamlText.compose(file);
        if (root.isEmpty()) {
            faults.add(0, "the file", "is empty", "write accounts: [] if nothing is to be set up");
        }
        root.flatMap(node -> Mapping.open(node, Schema.file(), "the file", reading))
                .ifPresent(top -> readAccounts(top, gathered));
        faults.throwIfAny();
        compiled = reading.compiled();
        return new Good(gathered.config(), faults.warnings());
    }

    private static void readAccounts(Mapping top, ParsedDefinitions gathered) {
        Names ids = new Names();
        List<YamlNode> items = top.list("accounts");
        for (int i = 0; i < items.size(); i++) {
            String resource = Names.resource("account", items.get(i), "id", i, "");
            Mapping.open(items.get(i), Schema.shape("account"), resource, top.reading())
                    .ifPresent(account -> ids.claim(account, "id")
                            .ifPresentOrElse(
                                    id -> new AccountReader(account, id, gathered).read(),
                                    () -> new AccountReader(account, "?", gathered).read()));
        }
    }
}
