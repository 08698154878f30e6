package io.engagementwebhooks.api;

import io.engagementwebhooks.server.CallerAdmission;
import io.engagementwebhooks.server.CallerAuthentication;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;
import org.apache.camel.support.CamelContextHelper;

/** The REST API: each route is an {@link ApiOperation}, whose steps are beans by name, so that tests can replace them. */
public abstract class ApiRoutes extends RouteBuilder {

    /** The group of all its routes, which tracers ignore. */
    public static final String GROUP = "console";

    private ApiRoutes() {}

    /** Of no public class: Quarkus adds the routes of each such builder on the class path to an application. */
    public static ApiRoutes builder() {
        return new ApiRoutes() {};
    }

    @Override
    public void configure() {
        CallerAuthentication.Guard guard =
                CamelContextHelper.mandatoryLookup(getCamelContext(), ApiRoom.GUARD, CallerAuthentication.Guard.class);
        for (Operation one : Operation.ALL) {
            Processor authentication = new CallerAuthentication(guard, one.access());
            route(one.id(), one.method(), one.path(), new ApiOperation(authentication, one::check, bean(one.id())));
        }
        getCamelContext().getRegistry().bind("cachingHeaders", cachingHeaders());
        route(
                "list-public-keys",
                "GET",
                "/.well-known/jwks.json?headerFilterStrategy=#cachingHeaders",
                open("list-public-keys"));
        route("describe-api", "GET", "/v1/openapi.yaml", open("describe-api"));
        route("grant-permission", "POST", CallerAdmission.CALLBACKS + "{token}", open("grant-permission"));
        route("grant-permission-by-link", "GET", CallerAdmission.CALLBACKS + "{token}", open("grant-permission"));
    }

    /** An operation that needs no key. */
    private ApiOperation open(String id) {
        return new ApiOperation(exchange -> {}, request -> {}, bean(id));
    }

    private void route(String id, String method, String path, ApiOperation operation) {
        from("platform-http:" + path + (path.contains("?") ? "&" : "?") + "httpMethodRestrict=" + method)
                .routeId(id)
                .routeGroup(GROUP)
                .process(operation)
                .id(id + "-answer");
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
