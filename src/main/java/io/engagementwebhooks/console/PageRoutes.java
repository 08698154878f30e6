package io.engagementwebhooks.console;

import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.DefaultHeaderFilterStrategy;

/**
 * The routes of the pages. Form fields do not become message headers, because one of them is a key. Response headers
 * are sent unchanged.
 */
public abstract class PageRoutes extends RouteBuilder {

    /** The group of all its routes, which tracers ignore. */
    public static final String GROUP = "pages";

    /** The first page of a user who knows only the host. */
    public static final String HOME = "/console";

    private PageRoutes() {}

    /** Of no public class, like the builder of the API's routes. */
    public static PageRoutes builder() {
        return new PageRoutes() {};
    }

    @Override
    public void configure() {
        getCamelContext().getRegistry().bind("pageHeaders", headers());
        route("open-console", "GET", "/");
        route("show-page", "GET", HOME);
        route("show-page-of-area", "GET", HOME + "/{area}");
        route("show-page-of-thing", "GET", HOME + "/{area}/{thing}");
        route("show-page-of-part", "GET", HOME + "/{area}/{thing}/{part}");
        route("submit-to-area", "POST", HOME + "/{area}");
        route("submit-to-thing", "POST", HOME + "/{area}/{thing}");
        route("submit-to-part", "POST", HOME + "/{area}/{thing}/{part}");
    }

    private void route(String id, String method, String path) {
        from("platform-http:" + path + "?httpMethodRestrict=" + method + "&headerFilterStrategy=#pageHeaders")
                .routeId(id)
                .routeGroup(GROUP)
                .process("pages")
                .id(id + "-answer");
    }

    private static DefaultHeaderFilterStrategy headers() {
        return new DefaultHeaderFilterStrategy() {
            @Override
            public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
                return true;
            }

            @Override
            public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
                return name.regionMatches(true, 0, "Camel", 0, "Camel".length());
            }
        };
    }
}
