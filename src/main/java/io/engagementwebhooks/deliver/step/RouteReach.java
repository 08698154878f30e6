package io.engagementwebhooks.deliver.step;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CircuitBreakerDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.KameletDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.language.ExpressionDefinition;

/**
 * The steps of the product that a route has itself or reaches through {@code direct:} and Kamelets. Not thread-safe.
 */
public final class RouteReach {

    private static final String RECEIVER = "receiver";
    private static final Set<String> NOTING = Set.of("noteDelivered", "noteFailed");
    private static final Set<String> ROUTERS = Set.of("recipientList", "routingSlip", "dynamicRouter");
    private static final Set<String> ENRICHERS = Set.of("enrich", "pollEnrich");

    /** A bean of the user's own. */
    private static final String BEAN = "bean:";

    private static final Set<String> JUDGING =
            Set.of("judgeSalesforceResponse", "judgeEnrichment", "judgeEmail", "sendToKamelet");

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

    /** Whether steps of the user's own may send the delivery, so that their failure may be one of an attempt. */
    boolean maySend() {
        return choosesRoutes || !steps.contains(RECEIVER) || !Collections.disjoint(steps, NOTING);
    }

    /** Whether it calls the routes of an endpoint by a step that names it. */
    public boolean calls(String endpoint) {
        return endpoints.contains(endpoint);
    }

    /**
     * Whether no message on this route can get an outcome.
     *
     * @param ofProduct the product's steps; others may call a route by a ProducerTemplate
     */
    public boolean isWithoutOutcome(Set<String> ofProduct) {
        // a receiver and a bean are no steps of the product
        return !choosesRoutes
                && ofProduct.containsAll(steps)
                && Collections.disjoint(steps, NOTING)
                && Collections.disjoint(steps, JUDGING);
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
            } else if (step instanceof BeanDefinition) {
                steps.add(BEAN);
            } else if (step instanceof CircuitBreakerDefinition breaker && breaker.getOnFallback() != null) {
                follow(breaker.getOnFallback().getOutputs());
            } else if (step instanceof KameletDefinition kamelet) {
                follow(OwnDestinations.withoutOptions("kamelet:" + kamelet.getName()));
            } else if (step instanceof EndpointRequiredDefinition to) {
                follow(endpoint(to));
            } else if (ROUTERS.contains(step.getShortName())
                    || step instanceof ToDynamicDefinition
                    || ENRICHERS.contains(step.getShortName())
                            && mayCallRoutes(((ExpressionNode) step).getExpression())) {
                choosesRoutes = true;
            }
        }
    }

    private static boolean mayCallRoutes(ExpressionDefinition uri) {
        return !Set.of("constant", "simple").contains(uri.getLanguage())
                || Stream.of("$", "{{", "direct:", "kamelet:", "receiver:")
                        .anyMatch(uri.getExpression().strip()::startsWith);
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
            if (kamelet == null) {
                choosesRoutes = true; // not loaded yet
            } else {
                follow(kamelet.getRoute().getOutputs());
            }
        } else if (endpoint.startsWith(BEAN) || endpoint.startsWith("class:")) {
            steps.add(BEAN);
        } else {
            // not the list of the definitions, which changes while routes are exchanged
            context.getRoutes().stream()
                    .filter(route -> endpoint.equals(OwnDestinations.from(route)))
                    .flatMap(route -> OwnDestinations.definition(route, context).stream())
                    .forEach(route -> follow(route.getOutputs()));
        }
    }
}
