package io.engagementwebhooks.operate.routes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.EndpointUriFactory;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Finds secrets in routes, which JMX, logs and route dumps would show. */
final class RouteSecrets {

    /** A property placeholder, or a bean reference. */
    private static final Pattern ELSEWHERE = Pattern.compile("\\s*(#.+|(RAW\\()?\\{\\{.+}}\\)?)\\s*");

    private static final Pattern USER_AND_PASSWORD = Pattern.compile("^[A-Za-z][\\w+.-]*:(//)?[^/@?{]*:[^/@?{]+@.*");

    /** The descriptor of a password field. */
    private static final String PASSWORD_FIELD = "urn:alm:descriptor:com.tectonic.ui:password";

    private RouteSecrets() {}

    /**
     * Faults without the secrets themselves, each with its place.
     *
     * @param kamelets the user's Kamelets by name; those of the jar have no secret properties
     */
    static List<String> faults(
            CamelContext context, Map<String, RouteSet.Text> kamelets, List<NamedEndpoint> endpoints) {
        List<String> faults = new ArrayList<>();
        for (NamedEndpoint endpoint : endpoints) {
            if (USER_AND_PASSWORD.matcher(endpoint.uri()).matches()) {
                faults.add(endpoint.place() + ": a step's uri of '" + endpoint.scheme()
                        + "' holds a user and password; " + wayOut("password"));
            }
            String kamelet = endpoint.name().replaceFirst("/.*", "");
            boolean own = endpoint.scheme().equals("kamelet") && kamelets.containsKey(kamelet);
            Set<String> secret =
                    own ? secretProperties(kamelets.get(kamelet)) : secretOptions(context, endpoint.scheme());
            String of = own ? "of Kamelet '" + kamelet + "'" : "of '" + endpoint.scheme() + "'";
            endpoint.options().forEach((name, value) -> {
                if (secret.contains(name) && !isElsewhere(value)) {
                    faults.add(endpoint.place() + ": option '" + name + "' " + of
                            + " is a secret and stands in the route; " + wayOut(name));
                }
            });
        }
        return faults;
    }

    private static boolean isElsewhere(String value) {
        return value.isEmpty() || ELSEWHERE.matcher(value).matches();
    }

    private static String wayOut(String name) {
        return "give it as a property, '{{my." + name + "}}', from an environment variable";
    }

    /** The properties that the Kamelet marks as passwords. */
    private static Set<String> secretProperties(RouteSet.Text kamelet) {
        Object found;
        try {
            found = kamelet.items().stream().findFirst().orElse(null);
        } catch (YamlEngineException e) {
            return Set.of(); // a fault already says so
        }
        for (String member : List.of("spec", "definition", "properties")) {
            found = found instanceof Map<?, ?> map ? map.get(member) : null;
        }
        Set<String> secret = new TreeSet<>();
        if (found instanceof Map<?, ?> properties) {
            properties.forEach((name, property) -> {
                if (property instanceof Map<?, ?> map && isPassword(map)) {
                    secret.add(name.toString());
                }
            });
        }
        return secret;
    }

    private static boolean isPassword(Map<?, ?> property) {
        return "password".equals(property.get("format"))
                || property.get("x-descriptors") instanceof List<?> descriptors && descriptors.contains(PASSWORD_FIELD);
    }

    private static Set<String> secretOptions(CamelContext context, String scheme) {
        EndpointUriFactory options = context.getCamelContextExtension().getEndpointUriFactory(scheme);
        return options == null ? Set.of() : options.secretPropertyNames();
    }
}
