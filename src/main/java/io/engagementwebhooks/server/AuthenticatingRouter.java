package io.engagementwebhooks.server;

import io.vertx.core.Handler;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.Registry;

/**
 * Camel's router for a server, with a body handler of ours: it authenticates the caller before it reads a byte of the body,
 * reserves the body's memory, and never makes files of it. Camel's own reads bodies of anybody; where uploads are off
 * ({@code camel.server.fileUploadEnabled}), it does not tell Vert.x, which then writes each part of a form into a folder
 * {@code file-uploads} of the working directory.
 */
public final class AuthenticatingRouter extends VertxPlatformHttpRouter {

    /** Before the order that Vert.x gives routes by default. */
    private static final int EXACT = -1;

    private final BodyReader bodies;
    /** Bound after the server was made. */
    private volatile CallerAdmission admission;

    private AuthenticatingRouter(
            VertxPlatformHttpRouter camels, Registry registry, UnauthenticatedBudget unauthenticated, long maxBody) {
        super(camels.getServer(), camels.vertx(), camels, camels.getName(), camels.getServerType());
        this.bodies = camels.isManagementServer()
                // operators have no key
                ? new BodyReader(context -> unauthenticated.memory(null), maxBody)
                : new BodyReader(context -> admission(registry).admit(context), maxBody);
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
     * Takes the places of the routers that Camel has bound; before routes are made, which look them up.
     *
     * @param registry where a {@link CallerAdmission} is bound by the time of the first request
     * @param unauthenticated memory of who has no key
     * @param maxBody bytes of a body, at most
     */
    public static void bind(Registry registry, UnauthenticatedBudget unauthenticated, long maxBody) {
        registry.findByTypeWithName(VertxPlatformHttpRouter.class).forEach((name, router) -> {
            if (!(router instanceof AuthenticatingRouter)) {
                // a name may stand for one thing of each class
                registry.unbind(name);
                registry.bind(name, new AuthenticatingRouter(router, registry, unauthenticated, maxBody));
            }
        });
    }

    /** A path without parameters is looked at before all that have some: those are compared by regular expressions, one by one. */
    @Override
    public Route route(String path) {
        Route route = super.route(path);
        return path.indexOf(':') < 0 && path.indexOf('*') < 0 ? route.order(EXACT) : route;
    }

    @Override
    public Handler<RoutingContext> bodyHandler() {
        return bodies;
    }
}
