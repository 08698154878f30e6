package io.engagementwebhooks.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.EndpointUriFactory;

/** Finds secrets that stand in a route, where JMX, logs and dumps of routes would show them. */
final class RouteSecrets {

    /** A property, or a bean by its name: there the value itself is elsewhere. */
    private static final Pattern ELSEWHERE = Pattern.compile("\\s*(#.+|(RAW\\()?\\{\\{.+}}\\)?)\\s*");

    private static final Pattern USER_AND_PASSWORD = Pattern.compile("^[A-Za-z][\\w+.-]*:(//)?[^/@?{]*:[^/@?{]+@.*");

    private RouteSecrets() {}

    /** Faults without the secrets themselves, each with its place. */
    static List<String> faults(CamelContext context, List<NamedEndpoint> endpoints) {
        List<String> faults = new ArrayList<>();
        for (NamedEndpoint endpoint : endpoints) {
            if (USER_AND_PASSWORD.matcher(endpoint.uri()).matches()) {
                faults.add(endpoint.place() + ": a step's uri of '" + endpoint.scheme()
                        + "' holds a user and password; " + wayOut("password"));
            }
            Set<String> secret = secretOptions(context, endpoint.scheme());
            endpoint.options().forEach((name, value) -> {
                if (secret.contains(name) && !isElsewhere(value)) {
                    faults.add(endpoint.place() + ": option '" + name + "' of '" + endpoint.scheme()
                            + "' is a secret and stands in the route; " + wayOut(name));
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

    private static Set<String> secretOptions(CamelContext context, String scheme) {
        EndpointUriFactory options = context.getCamelContextExtension().getEndpointUriFactory(scheme);
        return options == null ? Set.of() : options.secretPropertyNames();
    }
}
