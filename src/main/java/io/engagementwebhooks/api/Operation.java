package io.engagementwebhooks.api;

import static io.engagementwebhooks.server.Access.CHANGE;
import static io.engagementwebhooks.server.Access.CHANGE_OR_OPERATE;
import static io.engagementwebhooks.server.Access.OPERATE;
import static io.engagementwebhooks.server.Access.READ;
import static io.engagementwebhooks.server.Access.READ_OR_OPERATE;

import io.engagementwebhooks.server.Access;
import io.engagementwebhooks.webhook.ResourceKind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An operation of the API that needs a key.
 *
 * @param id of its route, and the name of its step
 * @param path with names of resources in braces
 * @param hasQuery whether its step reads the query; else there is none
 * @param hasBody whether its step reads the body; else it is empty
 */
public record Operation(String id, Access access, String method, String path, boolean hasQuery, boolean hasBody) {

    /** All, in the order of the routes. */
    static final List<Operation> ALL = Stream.concat(
                    Arrays.stream(ResourceKind.values()).flatMap(Operation::ofDefinitions),
                    Stream.of(
                            get("list-api-keys", CHANGE, "api-keys"),
                            get("show-figures", READ, "figures"),
                            get("list-failures", READ, "failures"),
                            get("list-accounts", OPERATE, "accounts"),
                            post("create-portal-session", CHANGE_OR_OPERATE, "accounts/{account}/portal-sessions"),
                            get("list-portal-sessions", CHANGE_OR_OPERATE, "accounts/{account}/portal-sessions"),
                            show("show-portal-session", CHANGE_OR_OPERATE, "accounts/{account}/portal-sessions/{id}"),
                            delete(
                                    "delete-portal-session",
                                    CHANGE_OR_OPERATE,
                                    "accounts/{account}/portal-sessions/{id}"),
                            get("list-webhooks", READ_OR_OPERATE, "webhooks"),
                            get("show-statistics", READ, "webhooks/{name}/statistics"),
                            act("pause-webhook", "webhooks/{name}/pause"),
                            act("resume-webhook", "webhooks/{name}/resume"),
                            act("discard-deliveries", "webhooks/{name}/discard"),
                            act("release-deliveries", "webhooks/{name}/release"),
                            post("start-backfill", CHANGE, "webhooks/{name}/backfill"),
                            post("preview-webhook", CHANGE, "webhooks/preview"),
                            post("test-webhook", CHANGE, "webhooks/{name}/test"),
                            get("list-connections", READ, "connections"),
                            act("test-connection", "connections/{name}/test"),
                            get("list-oauth-clients", READ, "oauth-clients"),
                            act("test-oauth-client", "oauth-clients/{name}/test"),
                            post("test-oauth-client-draft", CHANGE, "oauth-clients/test"),
                            get("list-signing-keys", READ, "signing-keys"),
                            post("rotate-signing-key", CHANGE, "signing-keys/{name}/rotate"),
                            get("list-deliveries", READ, "deliveries"),
                            show("show-delivery", READ, "deliveries/{id}"),
                            get("export-deliveries", READ, "deliveries.csv"),
                            show("list-attempts", READ, "deliveries/{id}/attempts"),
                            post("replay-delivery", CHANGE, "deliveries/{id}/replay"),
                            post("resend-delivery", CHANGE, "deliveries/{id}/resend"),
                            act("cancel-delivery", "deliveries/{id}/cancel"),
                            act("retry-delivery", "deliveries/{id}/retry"),
                            act("create-inbox", "inboxes"),
                            show("list-inboxes", CHANGE, "inboxes"),
                            show("show-inbox", CHANGE, "inboxes/{id}"),
                            new Operation("change-inbox", CHANGE, "PATCH", "/v1/inboxes/{id}", false, true),
                            delete("clear-inbox", CHANGE, "inboxes/{id}"),
                            get("listen", READ, "listen"),
                            new Operation("record-listened", READ, "POST", "/v1/listen/{id}", false, true),
                            get("list-waiting", READ, "waiting"),
                            get("list-events", READ, "events"),
                            get("show-event", READ, "events/{id}"),
                            show("list-event-types", READ, "event-types"),
                            act("send-sample-event", "event-types/{type}/sample"),
                            post("start-replay", CHANGE, "replays"),
                            get("list-replays", READ, "replays"),
                            show("show-replay", READ, "replays/{id}"),
                            act("cancel-replay", "replays/{id}/cancel"),
                            post("start-erasure", CHANGE, "erasures"),
                            get("list-erasures", READ, "erasures"),
                            show("show-erasure", READ, "erasures/{id}"),
                            get("list-audit", CHANGE, "audit"),
                            show("show-routes", READ_OR_OPERATE, "routes"),
                            show("show-version", READ_OR_OPERATE, "version")))
            .toList();

    private static final Map<String, Operation> BY_ID =
            ALL.stream().collect(Collectors.toMap(Operation::id, Function.identity()));

    private static Stream<Operation> ofDefinitions(ResourceKind kind) {
        String list = kind.text() + "s";
        String one = list + (kind == ResourceKind.EVENT_TYPE ? "/{type}" : "/{name}");
        return Stream.of(
                show("show-" + kind.text(), kind == ResourceKind.API_KEY ? CHANGE : READ, one),
                post("create-" + kind.text(), CHANGE, list),
                new Operation("replace-" + kind.text(), CHANGE, "PUT", "/v1/" + one, false, true),
                new Operation("patch-" + kind.text(), CHANGE, "PATCH", "/v1/" + one, false, true),
                delete("delete-" + kind.text(), CHANGE, one));
    }

    private static Operation get(String id, Access access, String path) {
        return new Operation(id, access, "GET", "/v1/" + path, true, false);
    }

    private static Operation show(String id, Access access, String path) {
        return new Operation(id, access, "GET", "/v1/" + path, false, false);
    }

    private static Operation post(String id, Access access, String path) {
        return new Operation(id, access, "POST", "/v1/" + path, false, true);
    }

    private static Operation delete(String id, Access access, String path) {
        return new Operation(id, access, "DELETE", "/v1/" + path, false, false);
    }

    private static Operation act(String id, String path) {
        return new Operation(id, CHANGE, "POST", "/v1/" + path, false, false);
    }

    /** Refuses a query or a body that its step does not read. */
    void check(ApiRequest request) {
        if (!hasQuery) {
            request.parameters();
        }
        if (!hasBody && method.equals("POST")) {
            request.body(Set.of());
        }
    }

    /** @throws IllegalArgumentException if there is none of this id */
    public static Operation of(String id) {
        if (!BY_ID.containsKey(id)) {
            throw new IllegalArgumentException("the API has no operation '" + id + "'");
        }
        return BY_ID.get(id);
    }

    /** Its path with the names of resources, percent-encoded. @param names in their order */
    public String path(String... names) {
        String filled = path;
        for (String name : names) {
            filled = filled.replaceFirst("\\{\\w+}", Matcher.quoteReplacement(encoded(name)));
        }
        return filled;
    }

    /** A name encoded for a path. */
    public static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
