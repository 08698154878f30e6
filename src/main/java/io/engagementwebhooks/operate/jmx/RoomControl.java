package io.engagementwebhooks.operate.jmx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.spi.RouteController;

/** Controls rooms; Camel's own MBeans of groups cannot suspend. Thread-safe. */
@ManagedResource(
        description = "The rooms, each a group of routes. The state of a room: the numbers of routes that are started,"
                + " suspended, stopped")
public record RoomControl(CamelContext camel) {

    @ManagedAttribute(description = "The rooms with their states")
    public Map<String, Map<String, Integer>> getStates() {
        Map<String, List<Route>> rooms = new TreeMap<>();
        for (Route route : camel.getRoutes()) {
            if (route.getGroup() != null) {
                rooms.computeIfAbsent(route.getGroup(), room -> new ArrayList<>())
                        .add(route);
            }
        }
        Map<String, Map<String, Integer>> states = new TreeMap<>();
        rooms.forEach((room, routes) -> states.put(room, state(routes)));
        return states;
    }

    @ManagedOperation(
            description =
                    "Suspends a room: exchanges in flight complete, and it accepts no new ones. Returns its state")
    public Map<String, Integer> suspend(String room) {
        return change(entryRoutesFirst(room), this::isStarted, RouteController::suspendRoute);
    }

    @ManagedOperation(description = "Resumes a room: starts its suspended routes. Returns its state")
    public Map<String, Integer> resume(String room) {
        // Camel stops routes that cannot be suspended
        return change(
                entryRoutesLast(room),
                route -> isSuspended(route) || !route.supportsSuspension(),
                RouteController::resumeRoute);
    }

    @ManagedOperation(
            description = "Stops a room: exchanges in flight complete, and it accepts no new ones. Returns its state")
    public Map<String, Integer> stop(String room) {
        return change(entryRoutesFirst(room), route -> true, RouteController::stopRoute);
    }

    @ManagedOperation(description = "Starts a room: starts all of its routes that do not run. Returns its state")
    public Map<String, Integer> start(String room) {
        resume(room);
        return change(entryRoutesLast(room), route -> !isStarted(route), RouteController::startRoute);
    }

    /** Routes ordered so that those which others send to stop last. */
    private List<Route> entryRoutesFirst(String room) {
        List<Route> routes = new ArrayList<>();
        List<Route> sentTo = new ArrayList<>();
        for (Route route : camel.getRoutes()) {
            if (room.equals(route.getGroup())) {
                (route.getEndpoint() instanceof DirectEndpoint ? sentTo : routes).add(route);
            }
        }
        routes.addAll(sentTo);
        if (routes.isEmpty()) {
            throw JmxLookup.none("room", room, getStates().keySet());
        }
        return routes;
    }

    private List<Route> entryRoutesLast(String room) {
        List<Route> routes = entryRoutesFirst(room);
        Collections.reverse(routes);
        return routes;
    }

    private interface Change {
        void of(RouteController controller, String route) throws Exception;
    }

    private Map<String, Integer> change(List<Route> routes, Predicate<Route> which, Change change) {
        for (Route route : routes) {
            if (which.test(route)) {
                try {
                    change.of(camel.getRouteController(), route.getId());
                } catch (Exception e) {
                    // without the exception itself, whose class a client may not know
                    throw new IllegalStateException("route '" + route.getId() + "': " + e.getMessage());
                }
            }
        }
        return state(routes);
    }

    private Map<String, Integer> state(List<Route> routes) {
        Map<String, Integer> state = new TreeMap<>(Map.of("started", 0, "suspended", 0, "stopped", 0));
        for (Route route : routes) {
            state.merge(isStarted(route) ? "started" : isSuspended(route) ? "suspended" : "stopped", 1, Integer::sum);
        }
        return state;
    }

    private boolean isStarted(Route route) {
        return status(route).isStarted();
    }

    private boolean isSuspended(Route route) {
        return status(route).isSuspended();
    }

    private ServiceStatus status(Route route) {
        ServiceStatus status = camel.getRouteController().getRouteStatus(route.getId());
        return status == null ? ServiceStatus.Stopped : status;
    }
}
