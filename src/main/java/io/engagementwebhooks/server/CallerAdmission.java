package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Determines the caller and the memory of a request's body from its path and headers. A path of the API needs a key. A test
 * inbox costs its account, and no header there is taken as a key. Elsewhere a key or a console session names the account;
 * other callers use the small {@link UnauthenticatedBudget}. Thread-safe;
 * runs on event loops and must not block.
 *
 * @param guard authenticates keys
 * @param ledger the memory of accounts
 * @param unauthenticated the memory of callers without a key
 * @param sessions finds the user of a console session by the values of {@code Cookie}
 * @param inboxes finds the account of a test inbox by its id
 * @param listenKeys finds the portal session of a listener by the values of {@code Authorization}
 */
public record CallerAdmission(
        CallerAuthentication.Guard guard,
        Ledger ledger,
        UnauthenticatedBudget unauthenticated,
        Function<List<String>, Optional<Caller>> sessions,
        Function<String, Optional<String>> inboxes,
        Function<List<String>, Optional<Caller>> listenKeys) {

    /** Its name in Camel's registry. */
    public static final String NAME = "callerAdmission";

    /** The path of test inboxes; an id follows. */
    public static final String INBOX = "/inbox/";

    /** The path of listeners; to one below it, they send responses. */
    static final String LISTEN = "/v1/listen";

    private static final String API = "/v1/";
    /** Paths at which the operator may make changes, too. */
    private static final String ACCOUNTS = "/v1/accounts/";
    /** Public: needs no key. */
    private static final String DESCRIPTION = "/v1/openapi.yaml";
    /** Of receivers, who have a token instead. */
    public static final String CALLBACKS = "/v1/validations/";

    /**
     * Authenticates the caller of a request once. Stores it in the context under {@link CallerAuthentication#CALLER},
     * where {@link CallerAuthentication} finds it.
     *
     * @return memory for the body, nothing reserved yet
     * @throws ProblemException 401, 403 or 429 if the path needs a key
     */
    RequestMemory admit(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = context.normalizedPath();
        Optional<String> id = path.startsWith(INBOX)
                ? inboxes.apply(path.substring(INBOX.length()))
                : caller(context, request).map(caller -> caller.account().id());
        if (id.isEmpty()) {
            return unauthenticated.memory(guard.addresses().of(request));
        }
        AccountLedger account = ledger.of(id.get());
        Connection connection = Connection.of(request);
        if (connection != null) {
            connection.authenticated(account);
        }
        return RequestMemory.of(account);
    }

    private static boolean isListener(String path) {
        return path.equals(LISTEN) || path.startsWith(LISTEN + "/");
    }

    private Optional<Caller> caller(RoutingContext context, HttpServerRequest request) {
        List<String> authorization = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        String path = context.normalizedPath();
        boolean needsKey = path.startsWith(API) && !path.equals(DESCRIPTION) && !path.startsWith(CALLBACKS);
        if (needsKey || guard.isKnown(authorization)) {
            Caller caller = (isListener(path) ? listenKeys.apply(authorization) : Optional.<Caller>empty())
                    .map(guard::limited)
                    .orElseGet(() ->
                            guard.admit(authorization, () -> guard.addresses().of(request)));
            if (needsKey) {
                refuseRole(caller.key(), request.method(), path);
            }
            context.put(CallerAuthentication.CALLER, caller);
            return Optional.of(caller);
        }
        return sessions.apply(request.headers().getAll(HttpHeaders.COOKIE));
    }

    /**
     * Checks the role like the later steps do, but before the body is read. A role that may send passes everywhere,
     * since a custom route of the operator may accept events at any path.
     */
    private static void refuseRole(ApiKey key, HttpMethod method, String path) {
        if (method == HttpMethod.POST && path.equals(RouterProblems.INGEST)) {
            CallerAuthentication.refuse(key, Access.SEND::allows, Access.SEND.action());
        } else if (isListener(path)) {
            CallerAuthentication.refuse(key, Access.READ::allows, Access.READ.action());
        } else if (method != HttpMethod.GET && method != HttpMethod.HEAD) {
            boolean isOperators = path.startsWith(ACCOUNTS);
            CallerAuthentication.refuse(
                    key,
                    role -> role.mayChange() || role.maySend() || isOperators && role.mayOperate(),
                    "change anything");
        }
    }
}
