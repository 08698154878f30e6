package io.engagementwebhooks.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.EndpointUriFactory;

/** Finds secrets that stand in a route, where JMX, logs and dumps of routes would show them. */
final class RouteSecrets {

    /** A property, or a bean by its name: there the value itself is elsewhere. */
    private static final Pattern ELSEWHERE = Pattern.compile("\\s*(#.+|(RAW\\()?\\{\\{.+}}\\)?)\\s*");

    private static final Pattern USER_AND_PASSWORD = Pattern.compile("^[A-Za-z][\\w+.-]*:(//)?[^/@?{]*:[^/@?{]+@.*");

    private final CamelContext context;
    private final List<String> faults = new ArrayList<>();

    private RouteSecrets(CamelContext context) {
        this.context = context;
    }

    /** Faults without the secrets themselves. */
    static List<String> faults(CamelContext context, RouteSet.Text file) {
        RouteSecrets secrets = new RouteSecrets(context);
        secrets.look(file.items());
        return secrets.faults;
    }

    private void look(Object node) {
        if (node instanceof List<?> list) {
            list.forEach(this::look);
        } else if (node instanceof Map<?, ?> map) {
            if (map.get("uri") instanceof String uri) {
                endpoint(uri, map.get("parameters") instanceof Map<?, ?> parameters ? parameters : Map.of());
            }
            map.values().forEach(this::look);
        }
    }

    private void endpoint(String uri, Map<?, ?> parameters) {
        String scheme = uri.replaceFirst("(?s):.*", "");
        if (USER_AND_PASSWORD.matcher(uri).matches()) {
            faults.add("a step's uri of '" + scheme + "' holds a user and password; " + wayOut("password"));
        }
        Set<String> secret = secretOptions(scheme);
        parameters.forEach((name, value) -> {
            if (secret.contains(String.valueOf(name)) && !isElsewhere(value)) {
                faults.add("option '" + name + "' of '" + scheme + "' is a secret and stands in the route; "
                        + wayOut(String.valueOf(name)));
            }
        });
        int query = uri.indexOf('?');
        if (query >= 0) {
            for (String pair : uri.substring(query + 1).split("&")) {
                int equals = pair.indexOf('=');
                if (equals > 0
                        && secret.contains(pair.substring(0, equals))
                        && !isElsewhere(pair.substring(equals + 1))) {
                    faults.add("option '" + pair.substring(0, equals) + "' of '" + scheme
                            + "' is a secret and stands in the route; " + wayOut(pair.substring(0, equals)));
                }
            }
        }
    }

    private static boolean isElsewhere(Object value) {
        return value instanceof String text
                && (text.isEmpty() || ELSEWHERE.matcher(text).matches());
    }

    private static String wayOut(String name) {
        return "give it as a property, '{{my." + name + "}}', from an environment variable";
    }

    private Set<String> secretOptions(String scheme) {
        EndpointUriFactory options = context.getCamelContextExtension().getEndpointUriFactory(scheme);
        return options == null ? Set.of() : options.secretPropertyNames();
    }
}
