package io.engagementwebhooks.server;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.Registry;

/**
 * Camel's router for a server, whose requests never become files. Where uploads are off
 * ({@code camel.server.fileUploadEnabled}), Camel does not tell Vert.x, which then writes each part of a form into a folder
 * {@code file-uploads} of the working directory, whoever sends it.
 */
public final class NoUploads extends VertxPlatformHttpRouter {

    private final BodyHandler bodies;

    private NoUploads(VertxPlatformHttpRouter camels, long maxBody) {
        super(camels.getServer(), camels.vertx(), camels, camels.getName(), camels.getServerType());
        this.bodies = BodyHandler.create(false).setBodyLimit(maxBody).setPreallocateBodyBuffer(true);
    }

    /** Takes the places of the routers that Camel has bound; before routes are made, which look them up. */
    public static void bind(Registry registry, long maxBody) {
        registry.findByTypeWithName(VertxPlatformHttpRouter.class).forEach((name, router) -> {
            if (!(router instanceof NoUploads)) {
                // a name may stand for one thing of each class
                registry.unbind(name);
                registry.bind(name, new NoUploads(router, maxBody));
            }
        });
    }

    @Override
    public Handler<RoutingContext> bodyHandler() {
        return context -> {
            context.request().resume();
            bodies.handle(context);
        };
    }
}
