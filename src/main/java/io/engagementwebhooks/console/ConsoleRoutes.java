package io.engagementwebhooks.console;

import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;
import org.apache.camel.support.CamelContextHelper;

/** The REST API: each route is an {@link ApiOperation}, whose steps are beans by name, so that tests can replace them. */
public abstract class ConsoleRoutes extends RouteBuilder {

    /** The group of all its routes, which tracers ignore. */
    public static final String GROUP = "console";

    private static final Processor PUBLIC = exchange -> {};

    private ConsoleRoutes() {}

    /** Of no public class: Quarkus adds the routes of each such builder on the class path to an application. */
    public static ConsoleRoutes builder() {
        return new ConsoleRoutes() {};
    }

    /**
     * An operation of the API.
     *
     * @param id of its route, and the name of its step
     * @param authentication refuses callers that may not call it; {@link #PUBLIC} refuses none
     */
    record Operation(String id, String method, String path, Processor authentication) {}

    @Override
    public void configure() {
        CamelContextHelper.mandatoryLookup(getCamelContext(), ConsoleRoom.NAME, ConsoleRoom.class)
                .operations()
                .forEach(one -> route(one, ""));
        getCamelContext().getRegistry().bind("cachingHeaders", cachingHeaders());
        route(
                new Operation("list-public-keys", "GET", "/.well-known/jwks.json", PUBLIC),
                "&headerFilterStrategy=#cachingHeaders");
        route(new Operation("describe-api", "GET", "/v1/openapi.yaml", PUBLIC), "");
    }

    private void route(Operation one, String options) {
        from("platform-http:" + one.path() + "?httpMethodRestrict=" + one.method() + options)
                .routeId(one.id())
                .routeGroup(GROUP)
                .process(new ApiOperation(one.authentication(), bean(one.id())))
                .id(one.id() + "-answer");
    }

    private Processor bean(String name) {
        return CamelContextHelper.mandatoryLookup(getCamelContext(), name, Processor.class);
    }

    /** Camel's own strategy drops cache headers of responses. */
    private static HttpHeaderFilterStrategy cachingHeaders() {
        HttpHeaderFilterStrategy strategy = new HttpHeaderFilterStrategy();
        strategy.getOutFilter().remove("cache-control");
        return strategy;
    }
}
