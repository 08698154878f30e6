package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.config.schema.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.spi.EndpointUriFactory;

/**
 * Finds unknown options that Camel accepts silently. A Kamelet ignores an unknown property, and an HTTP endpoint
 * sends it as a query parameter. Camel checks an endpoint with a dynamic name only at the first message.
 */
final class RouteOptions {

    private static final String KAMELET = "kamelet";

    private RouteOptions() {}

    /** Faults, each with its place. @param context with the endpoints */
    static List<String> faults(ModelCamelContext context, List<NamedEndpoint> endpoints) {
        List<String> faults = new ArrayList<>();
        for (NamedEndpoint endpoint : endpoints) {
            EndpointUriFactory known = context.getCamelContextExtension().getEndpointUriFactory(endpoint.scheme());
            if (endpoint.scheme().equals(KAMELET)) {
                ofKamelet(context, endpoint, known.propertyNames(), faults);
            } else if (known != null && known.isLenientProperties()) {
                findSimilar(endpoint, known.propertyNames(), faults);
            } else if (known != null && endpoint.isDynamic()) {
                unknown(endpoint, known, faults);
            }
        }
        return faults;
    }

    private static void ofKamelet(
            ModelCamelContext context, NamedEndpoint endpoint, Set<String> ofComponent, List<String> faults) {
        String name = endpoint.name().replaceFirst("/.*", "");
        RouteTemplateDefinition kamelet = context.getRouteTemplateDefinition(name);
        if (kamelet == null) {
            return; // kamelet:source and kamelet:sink, or one that a fault already says is not there
        }
        Set<String> properties = new TreeSet<>();
        if (kamelet.getTemplateParameters() != null) {
            kamelet.getTemplateParameters().stream()
                    .map(RouteTemplateParameterDefinition::getName)
                    .forEach(properties::add);
        }
        for (String option : endpoint.options().keySet()) {
            if (!properties.contains(option) && !ofComponent.contains(option)) {
                faults.add(endpoint.place() + ": Kamelet '" + name + "' has no property '" + option + "'; it has "
                        + (properties.isEmpty() ? "none" : String.join(", ", properties)));
            }
        }
    }

    private static void findSimilar(NamedEndpoint endpoint, Set<String> known, List<String> faults) {
        for (String option : endpoint.parameters().keySet()) {
            if (!known.contains(option)) {
                Nearest.to(option, known)
                        .ifPresent(meant -> faults.add(endpoint.place() + ": option '" + option + "' of '"
                                + endpoint.scheme() + "' does not exist; did you mean '" + meant
                                + "'? A parameter of the query stands in the uri"));
            }
        }
    }

    private static void unknown(NamedEndpoint endpoint, EndpointUriFactory known, List<String> faults) {
        for (String option : endpoint.options().keySet()) {
            if (!known.propertyNames().contains(option)
                    && known.multiValuePrefixes().values().stream().noneMatch(option::startsWith)) {
                faults.add(endpoint.place() + ": option '" + option + "' of '" + endpoint.scheme() + "' does not exist"
                        + Nearest.question(option, known.propertyNames()));
            }
        }
    }
}
