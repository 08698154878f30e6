package io.engagementwebhooks.deliver.kamelet;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.auth.Secret;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The Kamelets that webhooks may use, with the operator's values. Immutable.
 *
 * @param byName by the name of the Kamelet
 */
public record Kamelets(Map<String, Allowed> byName) {

    /** The setting with the names. */
    public static final String NAMES = "webhooks.deliver.kamelets";

    /** The prefix of the settings of each Kamelet: its name, a dot and the name of a property follow. */
    public static final String VALUES = "webhooks.deliver.kamelet.";

    /** The end of the setting with the properties that webhooks may set. */
    public static final String OPEN = ".open";

    /** A webhook's values are data in every position: they hold nothing that URIs or expressions give a meaning. */
    private static final Pattern VALUE = Pattern.compile("(?!.*(\\.\\.|//))[A-Za-z0-9 ._~/:@,-]{1,500}");

    /** They are in no URI, but drivers put some credentials between quotes. */
    private static final Pattern CREDENTIAL = Pattern.compile("[A-Za-z0-9._~/:@,+=!*?^|%&-]{1,2000}");

    private static final String BEAN = "value-";

    /** Shorter texts would match parts of words. */
    private static final int SHORTEST_MASKED = 4;

    /**
     * Values of a Kamelet.
     *
     * @param properties of the template
     * @param beans texts that options refer to, so that they stand in no URI and Camel resolves nothing in them
     */
    record Values(Properties properties, Map<String, String> beans) {}

    /**
     * A Kamelet that webhooks may use.
     *
     * @param values the operator's, by property
     * @param open the properties that webhooks may set
     */
    public record Allowed(KameletDefinition definition, Map<String, Secret> values, Set<String> open) {
        public Allowed {
            values = Map.copyOf(values);
            open = Set.copyOf(open);
        }

        /** Masks the webhook's credentials and the operator's values in what the Kamelet says. */
        Redactor redactor(Map<String, Secret> ofWebhook) {
            return Redactor.of(Stream.concat(
                            values.entrySet().stream().filter(each -> definition.isFree(each.getKey())),
                            ofWebhook.entrySet().stream().filter(each -> definition.isSecret(each.getKey())))
                    .map(each -> each.getValue().reveal())
                    .filter(text -> text.length() >= SHORTEST_MASKED)
                    .toList());
        }

        /** The values of a delivery, as Camel takes them. */
        Values values(Map<String, Secret> ofWebhook) {
            Properties properties = new Properties();
            Map<String, String> beans = new HashMap<>();
            Map<String, Secret> all = new HashMap<>(values);
            all.putAll(ofWebhook);
            all.forEach((name, secret) -> {
                String value = secret.reveal();
                // the operator can refer to a bean of the Kamelet
                if (definition.isBindable(name) && definition.isFree(name) && !value.startsWith("#")) {
                    beans.put(BEAN + name, value);
                    properties.setProperty(name, "#bean:" + BEAN + name);
                } else {
                    properties.setProperty(name, value);
                }
            });
            return new Values(properties, beans);
        }

        /** The properties that a webhook must set. */
        public Set<String> required() {
            return definition
                    .required()
                    .filter(name -> !values.containsKey(name))
                    .collect(Collectors.toSet());
        }

        /** The rule that a webhook's value of a property violates; empty if it may have the value. */
        public Optional<String> violation(String property, String value) {
            if (!open.contains(property)) {
                return Optional.of("is not open: the operator names it in " + VALUES + definition.name() + OPEN);
            }
            if (definition.isSecret(property)) {
                return CREDENTIAL.matcher(value).matches()
                        ? Optional.empty()
                        : Optional.of("takes 1 to 2000 letters, digits and . _ ~ - / : @ , + = ! * ? ^ | % &");
            }
            if (!VALUE.matcher(value).matches()) {
                return Optional.of("takes 1 to 500 letters, digits, spaces and . _ ~ - / : @ , without .. and //");
            }
            return definition.misfit(property, value);
        }
    }

    public Kamelets {
        byName = Map.copyOf(byName);
    }

    /** @throws IllegalStateException if it is not allowed, see {@link #refusal} */
    Allowed allowed(Target.Kamelet target) {
        refusal(target).ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        return byName.get(target.name());
    }

    /** Why a webhook may not send through its Kamelet, for the customer; empty if it may. */
    public Optional<String> refusal(Target.Kamelet target) {
        Allowed allowed = byName.get(target.name());
        if (allowed == null) {
            return Optional.of("Kamelet '" + target.name()
                    + "' is none of this installation's: the operator names it in " + NAMES);
        }
        return new TreeMap<>(target.properties())
                .entrySet().stream()
                        .flatMap(set -> allowed
                                .violation(set.getKey(), set.getValue().reveal())
                                .map(rule -> "property '" + Shown.of(set.getKey()) + "' " + rule)
                                .stream())
                        .findFirst()
                        .or(() -> allowed.required().stream()
                                .filter(name -> !target.properties().containsKey(name))
                                .sorted()
                                .map(name -> "property '" + name + "' is missing")
                                .findFirst())
                        .map(why -> "Kamelet '" + target.name() + "': " + why);
    }
}
