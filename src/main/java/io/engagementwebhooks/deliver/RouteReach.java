package io.engagementwebhooks.deliver;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.KameletDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.ToDynamicDefinition;

/**
 * The steps of the product that a route has itself or reaches through {@code direct:} and Kamelets. Not thread-safe.
 */
public final class RouteReach {

    private static final String RECEIVER = "receiver";
    private static final Set<String> NOTING = Set.of("noteDelivered", "noteFailed");
    private static final Set<String> ROUTERS = Set.of("recipientList", "routingSlip", "dynamicRouter");
    private static final Set<String> JUDGING = Set.of("judgeSalesforceResponse", "judgeEnrichment", "judgeEmail");

    private final ModelCamelContext context;
    private final Set<String> endpoints = new HashSet<>();
    private final Set<String> steps = new HashSet<>();
    private boolean choosesRoutes;

    private RouteReach(ModelCamelContext context) {
        this.context = context;
    }

    /** Follows a route. @param context with the routes and Kamelets that it calls */
    public static RouteReach of(RouteDefinition route, ModelCamelContext context) {
        RouteReach reach = new RouteReach(context);
        reach.follow(route.getOutputs());
        return reach;
    }

    /** Whether steps of the user's own send, and a step notes the outcome. */
    public boolean notesOutcome() {
        return !steps.contains(RECEIVER) && NOTING.stream().anyMatch(steps::contains);
    }

    /** Whether no message on this route can get an outcome. */
    public boolean isWithoutOutcome() {
        return !choosesRoutes
                && !steps.contains(RECEIVER)
                && !notesOutcome()
                && JUDGING.stream().noneMatch(steps::contains);
    }

    /** Whether it has a receiver, which refuses every message, since none is signed. */
    public boolean isUnsigned() {
        return !choosesRoutes && steps.contains(RECEIVER) && !steps.contains("signRequest");
    }

    private void follow(List<ProcessorDefinition<?>> outputs) {
        for (ProcessorDefinition<?> step :
                ProcessorDefinitionHelper.filterTypeInOutputs(outputs, ProcessorDefinition.class)) {
            if (step instanceof ProcessDefinition process) {
                steps.add(String.valueOf(process.getRef()));
            } else if (step instanceof KameletDefinition kamelet) {
                follow("kamelet:" + kamelet.getName());
            } else if (step instanceof EndpointRequiredDefinition to) {
                follow(endpoint(to));
            } else if (ROUTERS.contains(step.getShortName())
                    || step instanceof ToDynamicDefinition to && mayCallRoutes(to.getUri())) {
                choosesRoutes = true;
            }
        }
    }

    private static boolean mayCallRoutes(String uri) {
        return Stream.of("$", "direct:", "kamelet:").anyMatch(uri::startsWith);
    }

    private String endpoint(EndpointRequiredDefinition step) {
        try {
            return OwnDestinations.withoutOptions(context.resolvePropertyPlaceholders(step.getEndpointUri()));
        } catch (IllegalArgumentException e) {
            return "$"; // a property of a Kamelet, which may be anything
        }
    }

    private void follow(String endpoint) {
        if (!endpoints.add(endpoint)) {
            return;
        }
        choosesRoutes |= endpoint.equals("$");
        if (endpoint.startsWith(RECEIVER)) {
            steps.add(RECEIVER);
        } else if (endpoint.startsWith("kamelet:")) {
            RouteTemplateDefinition kamelet = context.getRouteTemplateDefinition(endpoint.split("[:/]")[1]);
            if (kamelet != null) {
                follow(kamelet.getRoute().getOutputs());
            }
        } else {
            context.getRouteDefinitions().stream()
                    .filter(route -> endpoint.equals(endpoint(route.getInput())))
                    .forEach(route -> follow(route.getOutputs()));
        }
    }
}
