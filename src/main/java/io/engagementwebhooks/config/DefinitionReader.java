package io.engagementwebhooks.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.config.read.AccountReader;
import io.engagementwebhooks.config.read.AccountResources;
import io.engagementwebhooks.config.read.ParsedDefinitions;
import io.engagementwebhooks.config.schema.Compiled;
import io.engagementwebhooks.config.schema.FaultCollector;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.config.schema.JsonTree;
import io.engagementwebhooks.config.schema.ParseContext;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.config.schema.Schema;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Parses single definitions from JSON, by the rules of the configuration file. Thread-safe; one parse at a time.
 */
public final class DefinitionReader {

    /** Members of {@code delivery} for requests to a URL, not for records of third parties. */
    public static final List<String> OF_REQUESTS_TO_A_URL =
            Schema.refusedWith(List.of("salesforce", "contentsquare"), "delivery");

    /** Members of {@code delivery} that a webhook to a Kamelet cannot have. */
    public static final List<String> REFUSED_WITH_KAMELET = Schema.refusedWith(List.of("kamelet"), "delivery");

    private final Function<URI, Optional<String>> urlRule;
    private final Duration defaultMaxAge;
    private final Clock clock;
    private Compiled compiled = Compiled.nothing();
    private long read;

    /** Number of parses that share compiled programs; unused programs are dropped after it. */
    private static final int READINGS = 10_000;

    /** @see ConfigParser#ConfigParser(Function, Duration, Clock) */
    public DefinitionReader(Function<URI, Optional<String>> urlRule, Duration defaultMaxAge, Clock clock) {
        this.urlRule = Objects.requireNonNull(urlRule);
        this.defaultMaxAge = Objects.requireNonNull(defaultMaxAge);
        this.clock = Objects.requireNonNull(clock);
    }

    /** A definition is invalid. Has all faults, at least one. */
    public static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient List<FieldFault> faults;

        public Refused(List<FieldFault> faults) {
            super("the definition has " + faults.size() + " faults", null, false, false);
            this.faults = List.copyOf(faults);
        }

        public List<FieldFault> faults() {
            return faults;
        }
    }

    /**
     * Reads a definition.
     *
     * @param resources the account's other resources
     * @throws Refused with all its faults
     */
    public Resource read(AccountResources resources, ResourceKind kind, JsonNode definition) throws Refused {
        return read(resources, kind, definition, Placeholders.NONE, urlRule, resources.replaced());
    }

    /**
     * Parses a stored definition without the egress rules and the rule of its name, which may have changed. The egress
     * rules apply when it is used.
     *
     * @param placeholders of a definition of the file
     */
    public Resource readKept(
            AccountResources resources, ResourceKind kind, JsonNode definition, Placeholders placeholders)
            throws Refused {
        String name = definition.path(kind.nameKey()).asText();
        return read(resources, kind, definition, placeholders, url -> Optional.empty(), name);
    }

    private synchronized Resource read(
            AccountResources resources,
            ResourceKind kind,
            JsonNode definition,
            Placeholders placeholders,
            Function<URI, Optional<String>> rule,
            String name)
            throws Refused {
        FaultCollector faults = new FaultCollector();
        if (++read % READINGS == 0) {
            compiled = compiled.next();
        }
        ParseContext reading = new ParseContext(faults, placeholders, rule, compiled, defaultMaxAge, clock, name);
        Optional<? extends Resource> resource =
                new AccountReader(resources, new ParsedDefinitions()).readOne(kind, JsonTree.of(definition), reading);
        List<FieldFault> found = faults.ofFields();
        refuseTaken(resources, kind, definition, found);
        if (definition.has("was")) {
            found.add(new FieldFault(
                    "/was",
                    "webhook: unknown key 'was'",
                    "to rename it, give it another 'name' and keep the rest",
                    "was"));
        }
        if (!found.isEmpty() || resource.isEmpty()) {
            throw new Refused(found);
        }
        return resource.get();
    }

    /** Refuses a name in use. Names of other kinds are checked by their readers. */
    private static void refuseTaken(
            AccountResources resources, ResourceKind kind, JsonNode definition, List<FieldFault> found) {
        String name = definition.path("name").asText();
        boolean taken = kind == ResourceKind.WEBHOOK
                        && resources.names(Webhook.class).contains(name)
                || kind == ResourceKind.API_KEY && resources.names(ApiKey.class).contains(name);
        if (taken) {
            found.add(new FieldFault(
                    "/name",
                    kind.words() + " '" + name + "': 'name' '" + name + "' is taken already",
                    "choose another",
                    "taken"));
        }
    }
}
