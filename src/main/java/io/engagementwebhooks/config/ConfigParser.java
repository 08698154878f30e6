package io.engagementwebhooks.config;

import io.engagementwebhooks.config.read.AccountReader;
import io.engagementwebhooks.config.read.FileDefinition;
import io.engagementwebhooks.config.read.Names;
import io.engagementwebhooks.config.read.ParsedDefinitions;
import io.engagementwebhooks.config.schema.Compiled;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Fault;
import io.engagementwebhooks.config.schema.FaultCollector;
import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.ParseContext;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.config.schema.Schema;
import io.engagementwebhooks.config.schema.YamlNode;
import io.engagementwebhooks.config.schema.YamlText;
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
 * Parses the configuration file into a configuration, or all its faults. Compiled programs are reused by the next
 * parse. Thread-safe; one parse at a time.
 */
public final class ConfigParser {

    private final Function<URI, Optional<String>> urlRule;
    private final Duration defaultMaxAge;
    private final Clock clock;
    private Compiled compiled = Compiled.nothing();

    /**
     * @param urlRule why a URL is refused by syntax, scheme or literal address; names are not resolved
     * @param defaultMaxAge the default maximum age of deliveries; extended to the span of the retry schedule
     * @param clock for the expiry of certificates
     */
    public ConfigParser(Function<URI, Optional<String>> urlRule, Duration defaultMaxAge, Clock clock) {
        this.urlRule = Objects.requireNonNull(urlRule);
        this.defaultMaxAge = Objects.requireNonNull(defaultMaxAge);
        this.clock = Objects.requireNonNull(clock);
    }

    /**
     * A valid configuration.
     *
     * @param config the configuration; its webhooks have no ids
     * @param definitions what it consists of
     * @param formerNames former names of webhooks
     * @param warnings valid settings that are probably mistakes
     */
    public record Good(
            Config config,
            List<FileDefinition> definitions,
            List<FileDefinition.FormerName> formerNames,
            List<Fault> warnings) {
        public Good {
            Objects.requireNonNull(config);
            definitions = List.copyOf(definitions);
            formerNames = List.copyOf(formerNames);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Reads a file.
     *
     * @param file its bytes, UTF-8
     * @param placeholders resolves its placeholders
     * @throws ConfigFaults if it has faults, with all of them
     */
    public synchronized Good read(byte[] file, Placeholders placeholders) throws ConfigFaults {
        FaultCollector faults = new FaultCollector();
        ParseContext reading =
                new ParseContext(faults, placeholders, urlRule, compiled.next(), defaultMaxAge, clock, "");
        ParsedDefinitions gathered = new ParsedDefinitions();
        Optional<YamlNode> root = YamlText.compose(file);
        if (root.isEmpty()) {
            faults.add(0, "the file", "is empty", "write accounts: [] if nothing is to be set up");
        }
        root.flatMap(node -> Mapping.openOuter(node, Schema.FILE, "the file", reading))
                .ifPresent(top -> readAccounts(top, gathered));
        faults.throwIfAny();
        compiled = reading.compiled();
        return new Good(gathered.config(), gathered.definitions(), gathered.formerNames(), faults.warnings());
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

    private static void readAccounts(Mapping top, ParsedDefinitions gathered) {
        Names ids = new Names();
        List<YamlNode> items = top.list("accounts");
        for (int i = 0; i < items.size(); i++) {
            String resource = Names.resource("account", items.get(i), "id", i, "");
            Mapping.openOuter(items.get(i), "account", resource, top.reading()).ifPresent(account -> new AccountReader(
                            account,
                            Mapping.readable(() -> ids.claim(account, "id")).orElse("?"),
                            gathered)
                    .read());
        }
    }
}
