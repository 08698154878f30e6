package io.engagementwebhooks.operate.routes;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.model.OnCompletionDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;

/**
 * Finds blocking in routes of the deliver room: redelivery, for which Camel waits on the thread that failed, and
 * steps on completion, for which it waits on the thread that ends the exchange.
 */
final class BlockingStepCheck {

    private static final String ROOM = "deliver";
    private static final String ENTRANCE = "direct:deliver-";

    private BlockingStepCheck() {}

    /** The faults of a route. */
    static Stream<String> faults(RouteDefinition route) {
        boolean isOfRoom = ROOM.equals(route.getGroup()) || isEntrance(route);
        return isOfRoom ? Stream.of(redelivery(route), completion(route)).flatMap(Optional::stream) : Stream.empty();
    }

    /** Whether deliveries enter by the route. */
    static boolean isEntrance(RouteDefinition route) {
        return route.getInput().getEndpointUri().startsWith(ENTRANCE);
    }

    private static Optional<String> redelivery(RouteDefinition route) {
        return policies(route).anyMatch(BlockingStepCheck::redelivers)
                ? Optional.of(
                        "route '" + route.getRouteId() + "': redelivery holds a thread that delivers while it waits;"
                                + " a webhook's retries are rows in the store: leave out 'redeliveryPolicy'")
                : Optional.empty();
    }

    private static Optional<String> completion(RouteDefinition route) {
        return outputs(route, OnCompletionDefinition.class).anyMatch(BlockingStepCheck::isOnTheSameThread)
                ? Optional.of("route '" + route.getRouteId()
                        + "': onCompletion holds a thread that delivers until its steps have ended;"
                        + " let it use other threads: 'parallelProcessing: true'")
                : Optional.empty();
    }

    private static <T> Stream<T> outputs(RouteDefinition route, Class<T> type) {
        return route.getOutputs().stream().filter(type::isInstance).map(type::cast);
    }

    private static boolean isOnTheSameThread(OnCompletionDefinition completion) {
        return !"true".equals(completion.getParallelProcessing());
    }

    private static Stream<RedeliveryPolicyDefinition> policies(RouteDefinition route) {
        Stream<RedeliveryPolicyDefinition> ofExceptions =
                outputs(route, OnExceptionDefinition.class).map(OnExceptionDefinition::getRedeliveryPolicyType);
        Stream<RedeliveryPolicyDefinition> ofHandler = Stream.of(route)
                .map(RouteDefinition::getErrorHandlerFactory)
                .filter(DefaultErrorHandlerDefinition.class::isInstance)
                .map(handler -> ((DefaultErrorHandlerDefinition) handler).getRedeliveryPolicy());
        return Stream.concat(ofExceptions, ofHandler);
    }

    private static boolean redelivers(RedeliveryPolicyDefinition policy) {
        return policy != null
                && policy.getMaximumRedeliveries() != null
                && !policy.getMaximumRedeliveries().equals("0");
    }
}
