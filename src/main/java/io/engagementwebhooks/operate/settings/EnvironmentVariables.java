package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.config.schema.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds environment variables named like settings of the product, or of Camel without a default. */
final class EnvironmentVariables {

    private static final String OURS = "WEBHOOK";
    private static final String CAMELS = "CAMEL_";

    /** Settings of the logging configuration. */
    private static final Set<String> OF_LOG = Set.of("WEBHOOKS_LOG_FORMAT", "WEBHOOKS_LOG_LEVEL");

    /** Variables that Kubernetes sets for a service with such a name. */
    private static final Pattern OF_KUBERNETES =
            Pattern.compile(".+_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_\\d+_(TCP|UDP|SCTP)(_.+)?)");

    private final Set<String> known;

    /** @param keys the settings that have a default */
    EnvironmentVariables(Set<String> keys) {
        known = Stream.concat(keys.stream().map(Settings::variable), OF_LOG.stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Sets Camel's settings without default. @return warnings of unknown names */
    List<String> read(Map<String, String> environment, PropertyLayers layers) {
        List<String> warnings = new ArrayList<>();
        Map<String, String> camels = new TreeMap<>();
        for (String name : new TreeSet<>(environment.keySet())) {
            if (known.contains(name) || OF_KUBERNETES.matcher(name).matches()) {
                continue;
            }
            if (name.startsWith(CAMELS)) {
                camels.put(name, environment.get(name));
            } else if (name.startsWith(OURS + "S_")
                    || name.startsWith(OURS) && Nearest.to(name, known).isPresent()) {
                warnings.add("environment variable " + name + " is no setting"
                        + Nearest.to(name, known)
                                .map(near -> "; did you mean '" + near + "'?")
                                .orElse("; only a placeholder reads it"));
            }
        }
        if (!camels.isEmpty()) {
            CamelSettings.ofVariables(camels.keySet())
                    .forEach((name, key) -> layers.set(key, camels.get(name), "environment variable " + name + ": "));
        }
        return warnings;
    }
}
