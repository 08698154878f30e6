package io.engagementwebhooks.console;

import io.engagementwebhooks.webhook.ResourceKind;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;
import org.apache.camel.support.CamelContextHelper;

/** The REST API: each route is an {@link ApiOperation}, whose steps are beans by name, so that tests can replace them. */
public final class ConsoleRoutes extends RouteBuilder {

    /** The group of all its routes, which tracers ignore. */
    public static final String GROUP = "console";

    private static final String READ = "readAuthentication";
    private static final String CHANGE = "changeAuthentication";
    private static final Processor PUBLIC = exchange -> {};

    @Override
    public void configure() {
        route("list-deliveries", "GET", "/v1/deliveries", READ, "listDeliveries");
        route("show-delivery", "GET", "/v1/deliveries/{id}", READ, "showDelivery");
        route("export-deliveries", "GET", "/v1/deliveries.csv", READ, "exportDeliveries");
        route("list-attempts", "GET", "/v1/deliveries/{id}/attempts", READ, "listAttempts");
        route("replay-delivery", "POST", "/v1/deliveries/{id}/replay", CHANGE, "replayDelivery");
        route("cancel-delivery", "POST", "/v1/deliveries/{id}/cancel", CHANGE, "cancelDelivery");
        route("resend-delivery", "POST", "/v1/deliveries/{id}/resend", CHANGE, "resendDelivery");
        route("retry-delivery", "POST", "/v1/deliveries/{id}/retry", CHANGE, "retryDelivery");
        route("start-replay", "POST", "/v1/replays", CHANGE, "startReplay");
        route("list-replays", "GET", "/v1/replays", READ, "listReplays");
        route("show-replay", "GET", "/v1/replays/{id}", READ, "showReplay");
        route("cancel-replay", "POST", "/v1/replays/{id}/cancel", CHANGE, "cancelReplay");
        route("discard-deliveries", "POST", "/v1/webhooks/{name}/discard", CHANGE, "discardDeliveries");
        route("release-deliveries", "POST", "/v1/webhooks/{name}/release", CHANGE, "releaseDeliveries");
        route("list-waiting", "GET", "/v1/waiting", READ, "listWaiting");
        route("show-figures", "GET", "/v1/figures", READ, "showFigures");
        route("list-events", "GET", "/v1/events", READ, "listEvents");
        route("show-event", "GET", "/v1/events/{id}", READ, "showEvent");
        route("list-event-types", "GET", "/v1/event-types", READ, "listEventTypes");
        route("show-event-type", "GET", "/v1/event-types/{type}", READ, "showEventType");
        route("send-sample-event", "POST", "/v1/event-types/{type}/sample", CHANGE, "sendSampleEvent");
        route("preview-webhook", "POST", "/v1/webhooks/preview", CHANGE, "previewWebhook");
        route("test-webhook", "POST", "/v1/webhooks/{name}/test", CHANGE, "testWebhook");
        route("list-webhooks", "GET", "/v1/webhooks", "readOrOperateAuthentication", "listWebhooks");
        route("show-webhook", "GET", "/v1/webhooks/{name}", READ, "showWebhook");
        route("show-statistics", "GET", "/v1/webhooks/{name}/statistics", READ, "showStatistics");
        route("pause-webhook", "POST", "/v1/webhooks/{name}/pause", CHANGE, "pauseWebhook");
        route("resume-webhook", "POST", "/v1/webhooks/{name}/resume", CHANGE, "resumeWebhook");
        route("list-oauth-clients", "GET", "/v1/oauth-clients", READ, "listOAuthClients");
        route("show-oauth-client", "GET", "/v1/oauth-clients/{name}", READ, "showOAuthClient");
        route("test-oauth-client", "POST", "/v1/oauth-clients/{name}/test", CHANGE, "testOAuthClient");
        route("test-oauth-client-draft", "POST", "/v1/oauth-clients/test", CHANGE, "testOAuthClientDraft");
        route("list-connections", "GET", "/v1/connections", READ, "listConnections");
        route("list-signing-keys", "GET", "/v1/signing-keys", READ, "listSigningKeys");
        getCamelContext().getRegistry().bind("cachingHeaders", cachingHeaders());
        operation(
                "list-public-keys",
                "GET",
                "/.well-known/jwks.json",
                "&headerFilterStrategy=#cachingHeaders",
                PUBLIC,
                "publicKeys");
        route("test-connection", "POST", "/v1/connections/{name}/test", CHANGE, "testConnection");
        route("list-api-keys", "GET", "/v1/api-keys", CHANGE, "listApiKeys");
        for (ResourceKind kind : ResourceKind.values()) {
            editing(kind);
        }
        route("rotate-signing-key", "POST", "/v1/signing-keys/{name}/rotate", CHANGE, "rotateSigningKey");
        route("show-connection", "GET", "/v1/connections/{name}", READ, "showConnection");
        route("show-api-key", "GET", "/v1/api-keys/{name}", CHANGE, "showApiKey");
        route("show-signing-key", "GET", "/v1/signing-keys/{name}", READ, "showSigningKey");
        route("list-audit", "GET", "/v1/audit", CHANGE, "listAudit");
        route("list-accounts", "GET", "/v1/accounts", "operateAuthentication", "listAccounts");
        String portals = "/v1/accounts/{account}/portal-sessions";
        String changeOrOperate = "changeOrOperateAuthentication";
        route("create-portal-session", "POST", portals, changeOrOperate, "createPortalSession");
        route("list-portal-sessions", "GET", portals, changeOrOperate, "listPortalSessions");
        route("show-portal-session", "GET", portals + "/{id}", changeOrOperate, "showPortalSession");
        route("delete-portal-session", "DELETE", portals + "/{id}", changeOrOperate, "deletePortalSession");
        route("show-routes", "GET", "/v1/routes", "readOrOperateAuthentication", "showRoutes");
        operation("describe-api", "GET", "/v1/openapi.yaml", "", PUBLIC, "apiDescription");
    }

    private void editing(ResourceKind kind) {
        String list = "/v1/" + kind.text() + "s";
        String one = list + (kind == ResourceKind.EVENT_TYPE ? "/{type}" : "/{name}");
        route("create-" + kind.text(), "POST", list, CHANGE, step("create", kind));
        route("replace-" + kind.text(), "PUT", one, CHANGE, step("replace", kind));
        route("patch-" + kind.text(), "PATCH", one, CHANGE, step("patch", kind));
        route("delete-" + kind.text(), "DELETE", one, CHANGE, step("delete", kind));
    }

    /** The name of a step that changes definitions. */
    public static String step(String what, ResourceKind kind) {
        return what + "-" + kind.text();
    }

    private void route(String id, String method, String path, String authentication, String step) {
        operation(id, method, path, "", bean(authentication), step);
    }

    /** @param options of the endpoint, each after {@code &} */
    private void operation(
            String id, String method, String path, String options, Processor authentication, String step) {
        from("platform-http:" + path + "?httpMethodRestrict=" + method + options)
                .routeId(id)
                .routeGroup(GROUP)
                .process(new ApiOperation(authentication, bean(step)))
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
