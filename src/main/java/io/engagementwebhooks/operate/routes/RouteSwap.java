package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.ledger.AsyncStep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Channel;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Predicate;
import org.apache.camel.Route;
import org.apache.camel.Service;
import org.apache.camel.ServiceStatus;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kamelet.Kamelet;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.language.SimpleExpression;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the routes that differ between two sets, in a running context.
 *
 * <p>A replaced route accepts nothing new, but its steps stay started: exchanges in flight end on the old steps, in
 * parallel to the new ones, until {@link Former#stop()}. Camel would wait for them or abort them. An unchanged route is
 * not touched. One swap at a time.
 */
public final class RouteSwap {

    private static final Logger LOG = LoggerFactory.getLogger(RouteSwap.class);
    private static final String DIRECT = "direct:";

    private final DefaultCamelContext context;
    private final InFlightCounts counts;
    private final List<Former> formers = new CopyOnWriteArrayList<>();

    public RouteSwap(CamelContext context, InFlightCounts counts) {
        this.context = (DefaultCamelContext) context;
        this.counts = counts;
    }

    /**
     * The result of a swap.
     *
     * @param replaced ids of routes that have a new definition
     * @param added ids of new routes
     * @param removed ids of removed routes
     * @param former the replaced steps, which may have exchanges in flight
     */
    record Done(Set<String> replaced, Set<String> added, Set<String> removed, Former former) {
        boolean isNothing() {
            return replaced.isEmpty() && added.isEmpty() && removed.isEmpty();
        }
    }

    /** A valid set could not be activated; the previous routes run again. */
    static final class NotActivated extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Former former;

        private NotActivated(Exception cause, Former former) {
            super(cause.getMessage(), cause);
            this.former = former;
        }

        /** The replaced steps, which may have exchanges in flight. */
        Former former() {
            return former;
        }
    }

    /** Steps of routes that were replaced. */
    final class Former {
        private final List<Service> steps = new ArrayList<>();

        boolean isNothing() {
            return steps.isEmpty();
        }

        /** Stops them and the routes of their Kamelets; exchanges in flight fail. */
        void stop() {
            steps.forEach(ServiceHelper::stopAndShutdownService);
            formers.remove(this);
            removeUnusedKamelets();
        }
    }

    CamelContext context() {
        return context;
    }

    /** The ids of the routes that Camel starts: a route with a precondition only if it holds. */
    Set<String> included(RouteSet set) {
        Set<String> included = new LinkedHashSet<>();
        set.routes().forEach((id, item) -> {
            if (holds(item.precondition())) {
                included.add(id);
            }
        });
        return included;
    }

    private boolean holds(String precondition) {
        if (precondition == null) {
            return true;
        }
        SimpleExpression expression = new SimpleExpression(precondition);
        expression.initPredicate(context);
        Predicate predicate = expression.getPredicate();
        predicate.initPredicate(context);
        return predicate.matches(new DefaultExchange(context));
    }

    /**
     * @param from the active set
     * @param to the set to activate, without faults
     * @throws NotActivated if it could not be activated
     */
    Done swap(RouteSet from, RouteSet to) throws NotActivated {
        Map<String, RouteSet.Item> before = from.routes();
        Map<String, RouteSet.Item> after = to.routes();
        TreeSet<String> kamelets = to.kameletsChangedSince(from);
        Set<String> replaced = new LinkedHashSet<>();
        after.forEach((id, item) -> {
            if (before.containsKey(id) && (!sameAs(before.get(id), item) || item.uses(kamelets))) {
                replaced.add(id);
            }
        });
        Set<String> added = minus(after.keySet(), before.keySet());
        Set<String> removed = minus(before.keySet(), after.keySet());
        Former former = new Former();
        formers.add(former);
        Set<String> leaving = union(replaced, removed);
        Set<String> stopped = stoppedByOperator(leaving);
        leaving.forEach(id -> retire(id, former));
        try {
            kamelets.forEach(this::remove);
            start(to, union(replaced, added), stopped);
        } catch (Exception e) {
            restore(from, leaving, union(replaced, added), kamelets, stopped, former);
            throw new NotActivated(e, former);
        }
        return new Done(replaced, added, removed, former);
    }

    private static boolean sameAs(RouteSet.Item before, RouteSet.Item after) {
        return Objects.equals(before.definition(), after.definition())
                && Objects.equals(before.around(), after.around());
    }

    private void restore(
            RouteSet from,
            Set<String> left,
            Set<String> came,
            Set<String> kamelets,
            Set<String> stopped,
            Former former) {
        came.stream().filter(id -> context.getRoute(id) != null).forEach(id -> retire(id, former));
        came.forEach(this::removeDefinition);
        kamelets.forEach(this::remove);
        try {
            start(from, left, stopped);
        } catch (Exception again) {
            LOG.error("routes.rollback-failed routes={}", left, again);
        }
    }

    /** Routes that an operator stopped; their new versions stay stopped. */
    private Set<String> stoppedByOperator(Collection<String> ids) {
        Set<String> stopped = new HashSet<>();
        for (String id : ids) {
            ServiceStatus status = context.getRouteController().getRouteStatus(id);
            if (status != null && !status.isStarted()) {
                stopped.add(id);
            }
        }
        return stopped;
    }

    private void retire(String id, Former former) {
        Route route = context.getRoute(id);
        if (route == null) {
            removeDefinition(id);
            return;
        }
        shield(route);
        ServiceHelper.stopService(route.getConsumer());
        List<Service> steps = new ArrayList<>(route.getServices());
        steps.remove(route.getConsumer());
        // unregistered from JMX, since the next version's steps have the same names
        steps.forEach(step -> context.getLifecycleStrategies()
                .forEach(strategy -> strategy.onServiceRemove(context, step, route, true)));
        // Camel stops the services that it finds here
        route.getServices().removeAll(steps);
        former.steps.addAll(steps);
        steps.stream()
                .filter(Channel.class::isInstance)
                .map(step -> ((Channel) step).getErrorHandler())
                .filter(Service.class::isInstance)
                .forEach(handler -> former.steps.add((Service) handler));
        counts.retire(id);
        try {
            removeDefinition(id);
            context.getRouteController().stopRoute(id);
            context.removeRoute(id);
        } catch (Exception e) {
            LOG.warn("routes.stop-failed route={}", id, e);
        } finally {
            counts.retired(id);
        }
    }

    /** Keeps a stopped consumer from stopping its processor. */
    private static void shield(Route route) {
        if (route.getProcessor() instanceof DelegateAsyncProcessor entrance) {
            entrance.setProcessor((AsyncStep) entrance.getProcessor()::process);
        }
    }

    /**
     * A Kamelet's route serves all users with the same properties, including new versions of a route. It is removed
     * when neither a route nor replaced steps use it.
     */
    private void removeUnusedKamelets() {
        for (int left = -1; left != context.getRoutesSize(); ) {
            left = context.getRoutesSize();
            Set<String> used = usedKamelets();
            context.getRouteDefinitions().stream()
                    .filter(route -> route.getTemplateParameters() != null
                            && route.getTemplateParameters().get(Kamelet.PARENT_ROUTE_ID) != null)
                    .map(RouteDefinition::getRouteId)
                    .filter(id -> !used.contains(id))
                    .toList()
                    .forEach(this::removeKameletRoute);
        }
    }

    /** The ids of routes of Kamelets that a route sends to or consumes from. */
    private Set<String> usedKamelets() {
        Set<String> used = new HashSet<>();
        Stream<Service> ofRoutes = context.getRoutes().stream().flatMap(route -> route.getServices().stream());
        Stream<Service> ofFormers = formers.stream().flatMap(former -> former.steps.stream());
        Stream.concat(ofRoutes, ofFormers)
                .flatMap(service -> ServiceHelper.getChildServices(service, true).stream())
                .filter(EndpointAware.class::isInstance)
                .map(service -> ((EndpointAware) service).getEndpoint())
                .forEach(endpoint -> note(endpoint, used));
        context.getRoutes().forEach(route -> note(route.getEndpoint(), used));
        return used;
    }

    private static void note(Endpoint endpoint, Set<String> used) {
        if (isKamelet(endpoint)) {
            used.add(((KameletEndpoint) endpoint).getRouteId());
        }
    }

    /** The endpoints {@code kamelet:source} and {@code kamelet:sink} refer to no Kamelet. */
    private static boolean isKamelet(Endpoint endpoint) {
        return endpoint instanceof KameletEndpoint kamelet
                && !kamelet.getEndpointUri().matches("kamelet:(//)?(source|sink)(\\?.*)?");
    }

    private void removeKameletRoute(String id) {
        removeDefinition(id);
        context.getEndpoints().stream()
                .filter(endpoint -> endpoint instanceof KameletEndpoint kamelet
                        && kamelet.getRouteId().equals(id))
                .toList()
                .forEach(this::remove);
    }

    private void remove(Endpoint endpoint) {
        try {
            context.removeEndpoint(endpoint);
        } catch (Exception e) {
            LOG.warn("routes.cleanup-failed endpoint={}", endpoint, e);
        }
    }

    private void removeDefinition(String id) {
        RouteDefinition definition = context.getRouteDefinition(id);
        if (definition != null) {
            try {
                context.removeRouteDefinition(definition);
            } catch (Exception e) {
                LOG.warn("routes.cleanup-failed route={}", id, e);
            }
        }
    }

    /** Removes a Kamelet's definition, so that the next route that uses it reads it again. */
    private void remove(String kamelet) {
        try {
            context.removeRouteTemplateDefinitions(kamelet);
            context.getEndpoints().stream()
                    .filter(endpoint -> endpoint.getEndpointUri().matches("kamelet:(//)?" + kamelet + "([/?].*)?"))
                    .toList()
                    .forEach(context::removeEndpoint);
        } catch (Exception e) {
            LOG.warn("routes.cleanup-failed kamelet={}", kamelet, e);
        }
    }

    /** Starts routes, those that others send to first. */
    private void start(RouteSet set, Set<String> ids, Set<String> stopped) throws Exception {
        List<RouteDefinition> definitions = definitions(set, ids);
        for (boolean direct : new boolean[] {true, false}) {
            for (RouteDefinition definition : definitions) {
                if (definition.getInput().getEndpointUri().startsWith(DIRECT) == direct) {
                    start(definition, stopped.contains(definition.getRouteId()));
                }
            }
        }
    }

    private void start(RouteDefinition definition, boolean stopped) throws Exception {
        String autoStartup = definition.getAutoStartup();
        if (stopped) {
            definition.setAutoStartup("false");
        }
        context.addRouteDefinition(definition);
        if (stopped) {
            definition.setAutoStartup(autoStartup);
            context.getRoute(definition.getRouteId()).setAutoStartup(true);
        }
    }

    private List<RouteDefinition> definitions(RouteSet set, Set<String> ids) throws Exception {
        Map<String, RouteSet.Item> routes = set.routes();
        Set<String> locations = new HashSet<>();
        ids.forEach(id -> locations.add(routes.get(id).location()));
        Map<String, RouteDefinition> found = new LinkedHashMap<>();
        for (RouteSet.Text file : set.files()) {
            if (!locations.contains(file.location())) {
                continue;
            }
            for (RouteBuilder builder : file.builders(context)) {
                builder.prepareModel(context);
                for (RouteDefinition route : builder.getRouteCollection().getRoutes()) {
                    if (ids.contains(route.getRouteId())) {
                        found.put(route.getRouteId(), route);
                    }
                }
            }
        }
        return List.copyOf(found.values());
    }

    private static Set<String> minus(Set<String> all, Set<String> without) {
        Set<String> rest = new LinkedHashSet<>(all);
        rest.removeAll(without);
        return rest;
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        return Stream.concat(one.stream(), other.stream())
                .collect(LinkedHashSet::new, LinkedHashSet::add, LinkedHashSet::addAll);
    }
}
