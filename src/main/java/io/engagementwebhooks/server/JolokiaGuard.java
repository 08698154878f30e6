package io.engagementwebhooks.server;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Lets programs use Jolokia, but no web page. A page in an operator's browser can send a GET, a form, text, or a body
 * without a type to any address, with the header {@code Origin}. So only JSON by POST without {@code Origin} is
 * accepted. Jolokia's own check accepts each http origin if none is listed. Thread-safe.
 */
public final class JolokiaGuard {

    private static final Pattern JSON = Pattern.compile("application/json\\s*(;[^,]*)?", Pattern.CASE_INSENSITIVE);

    private JolokiaGuard() {}

    /**
     * Puts the guard before all routes.
     *
     * @param router the server's root router
     * @param path Jolokia's path
     */
    public static void install(Router router, String path) {
        router.route().order(Integer.MIN_VALUE).handler(context -> check(context, path));
    }

    private static void check(RoutingContext context, String path) {
        // normalized like the router does: percent-decoded
        if (!context.normalizedPath().startsWith(path)) {
            context.next();
            return;
        }
        HttpServerRequest request = context.request();
        MultiMap headers = request.headers();
        if (request.method() != HttpMethod.POST) {
            RouterProblems.answerOnlyPost(request);
        } else if (headers.contains(HttpHeaders.ORIGIN)) {
            RouterProblems.refuse(
                    request,
                    Problem.forbidden(
                            "foreign-origin",
                            "Jolokia refuses requests of web pages: send the request without 'Origin'"));
        } else if (!isJson(headers.getAll(HttpHeaders.CONTENT_TYPE))) {
            RouterProblems.refuse(
                    request,
                    Problem.unsupportedMediaType("Jolokia accepts only JSON: send 'Content-Type: application/json'"));
        } else {
            context.next();
        }
    }

    private static boolean isJson(List<String> types) {
        return types.size() == 1 && JSON.matcher(types.get(0)).matches();
    }
}
