package io.engagementwebhooks.bench;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/**
 * The baseline of measurements: a plain Camel route from HTTP to HTTP. It stores nothing, retries nothing and looks
 * nothing up; it sets one header, and lets no other pass.
 */
public final class BaselineRoute {

    private BaselineRoute() {}

    public static void main(String[] arguments) throws Exception {
        Main main = new Main();
        main.addInitialProperty("camel.main.exchangeFactory", "pooled");
        main.addInitialProperty("camel.server.enabled", "true");
        main.addInitialProperty("camel.server.host", "127.0.0.1");
        main.addInitialProperty("camel.server.port", arguments[0]);
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/v1/events")
                        .removeHeaders("*")
                        .setHeader("Authorization", constant("Basic YmVuY2g6YmVuY2g="))
                        .to(arguments[1] + "?skipResponseHeaders=true&connectionsPerRoute=256&maxTotalConnections=512")
                        .setBody(constant("ok"));
            }
        });
        main.run();
    }
}
