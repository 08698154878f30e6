package io.engagementwebhooks.server;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.Registry;

/**
 * Camel's router with its own body handler. It authenticates the caller before it reads the body, reserves the body's
 * memory, and never writes files. Camel's handler reads bodies of any caller; where uploads are off ({@code
 * camel.server.fileUploadEnabled}), Vert.x still writes parts of forms into a folder {@code file-uploads} of the
 * working directory.
 */
public final class AuthenticatingRouter extends VertxPlatformHttpRouter {

    /** Before Vert.x's default order. */
    private static final int EXACT_ORDER = -1;

    private static final int INGEST_ORDER = -2;

    /** The name of the {@link Handler} of test inboxes in the registry. */
    public static final String INBOXES = "inboxReceiver";

    /** The name of the {@link Handler} of connections of listeners, before the API's route. */
    public static final String LISTENERS = "listenStreams";

    private final BodyReader bodies;
    /** Bound after the server is created. */
    private volatile CallerAdmission admission;

    private AuthenticatingRouter(
            VertxPlatformHttpRouter camels, Registry registry, UnauthenticatedBudget unauthenticated, long maxBody) {
        super(camels.getServer(), camels.vertx(), camels, camels.getName(), camels.getServerType());
        this.bodies = camels.isManagementServer()
                // operators have no key
                ? new BodyReader(context -> unauthenticated.memory(null), maxBody)
                : new BodyReader(context -> admission(registry).admit(context), maxBody);
        if (!camels.isManagementServer()) {
            super.route(CallerAdmission.INBOX + ":id").handler(bodies).handler(context -> handler(registry, INBOXES)
                    .handle(context));
            super.route(HttpMethod.GET, CallerAdmission.LISTEN)
                    .order(EXACT_ORDER)
                    .handler(bodies)
                    .handler(context -> handler(registry, LISTENERS).handle(context));
        }
    }

    @SuppressWarnings("unchecked")
    private static Handler<RoutingContext> handler(Registry registry, String name) {
        return registry.lookupByNameAndType(name, Handler.class);
    }

    private CallerAdmission admission(Registry registry) {
        CallerAdmission bound = admission;
        if (bound == null) {
            bound = registry.lookupByNameAndType(CallerAdmission.NAME, CallerAdmission.class);
            admission = bound;
        }
        return bound;
    }

    /**
     * Replaces the routers that Camel has bound. Called before routes are created, which look them up.
     *
     * @param registry has a {@link CallerAdmission} at the time of the first request
     * @param unauthenticated the memory of callers without a key
     * @param maxBody the largest body in bytes
     */
    public static void bind(Registry registry, UnauthenticatedBudget unauthenticated, long maxBody) {
        registry.findByTypeWithName(VertxPlatformHttpRouter.class).forEach((name, router) -> {
            if (!(router instanceof AuthenticatingRouter)) {
                // the registry may hold objects of several classes under one name
                registry.unbind(name);
                registry.bind(name, new AuthenticatingRouter(router, registry, unauthenticated, maxBody));
            }
        });
    }

    /**
     * Routes are compared one by one, so the path of events comes first, and those with parameters last: they are matched
     * by regular expressions.
     */
    @Override
    public Route route(String path) {
        Route route = super.route(path);
        if (path.equals(RouterProblems.INGEST)) {
            return route.order(INGEST_ORDER);
        }
        return path.indexOf(':') < 0 && path.indexOf('*') < 0 ? route.order(EXACT_ORDER) : route;
    }

    @Override
    public Handler<RoutingContext> bodyHandler() {
        return bodies;
    }
}
