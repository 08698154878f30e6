package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.api.ApiRoutes;
import io.engagementwebhooks.console.PageRoutes;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RouteFactory;
import org.apache.camel.support.PluginHelper;

/**
 * Hides the routes of API and pages from Camel's tracers, debugger and message history. Their messages hold secrets,
 * new keys and sessions. The route attribute {@code trace} would hide them from one of these only. Thread-safe.
 */
public final class UntracedRoutes implements RouteFactory {

    private static final Set<String> GROUPS = Set.of(ApiRoutes.GROUP, PageRoutes.GROUP);

    private final RouteFactory made;

    private UntracedRoutes(RouteFactory made) {
        this.made = made;
    }

    /** Applies to routes created from now on. */
    public static void in(CamelContext context) {
        context.getCamelContextExtension()
                .addContextPlugin(RouteFactory.class, new UntracedRoutes(PluginHelper.getRouteFactory(context)));
    }

    @Override
    public Route createRoute(
            CamelContext context,
            NamedNode definition,
            String id,
            String description,
            String note,
            Endpoint endpoint,
            Resource resource) {
        Route route = made.createRoute(context, definition, id, description, note, endpoint, resource);
        // users' routes may have no group
        if (definition instanceof RouteDefinition its && its.getGroup() != null && GROUPS.contains(its.getGroup())) {
            route.setTracing(false);
            route.setBacklogTracing(false);
            route.setDebugging(false);
            route.setMessageHistory(false);
        }
        return route;
    }
}
