package io.engagementwebhooks.server;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes problem JSON for errors of Camel's router: too large, unknown path, wrong method, stopped route. */
public final class RouterProblems {

    /** The path of ingest. */
    public static final String INGEST = "/v1/events";

    private static final Logger LOG = LoggerFactory.getLogger(RouterProblems.class);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final int LAST_ORDER = Integer.MAX_VALUE;

    private RouterProblems() {}

    /**
     * @param router the server's root router
     * @param maxBody for the text of a 413
     * @param allowed the methods allowed at a path
     */
    public static void install(Router router, long maxBody, Function<String, Set<String>> allowed) {
        String tooLarge = "the body is larger than " + maxBody + " bytes, the limit (webhooks.ingest.max-body)";
        router.errorHandler(413, context -> refuseBody(context, Problem.tooLarge(tooLarge)));
        router.errorHandler(
                404,
                context -> answer(
                        context,
                        Problem.notFound(
                                "there is nothing at " + context.request().path())));
        router.errorHandler(405, context -> refuseMethod(context, allowed.apply(context.normalizedPath())));
        router.errorHandler(
                417,
                context -> refuseBody(
                        context,
                        new Problem(
                                417,
                                "expectation-failed",
                                "Expectation failed",
                                "only the expectation 100-continue is supported",
                                null,
                                null)));
        router.errorHandler(
                400, context -> answer(context, Problem.badRequest("bad-request", "the request is not valid HTTP")));
        // the router's status for an incomplete body; mostly the caller has disconnected
        router.errorHandler(200, context -> {
            if (!context.response().closed() && !context.response().ended()) {
                refuseBody(context, Problem.badRequest("bad-request", "the request's body is incomplete"));
            }
        });
        router.errorHandler(500, context -> {
            LOG.error("request.failed", context.failure());
            answer(context, Problem.internal());
        });
        router.route(INGEST).order(LAST_ORDER).handler(RouterProblems::ingestIsNotRunning);
    }

    /** Handles requests while the ingest route is stopped, or with another method. */
    private static void ingestIsNotRunning(RoutingContext context) {
        if (context.request().method() == HttpMethod.POST) {
            answer(context, ingestStopped("Events are not accepted now: the ingest route is stopped."));
        } else {
            refuseMethod(context, new TreeSet<>(Set.of("GET", "POST")));
        }
    }

    private static void refuseMethod(RoutingContext context, Set<String> allowed) {
        String methods = String.join(", ", allowed);
        context.response().putHeader(HttpHeaders.ALLOW, methods);
        answer(
                context,
                Problem.methodNotAllowed(context.request().method() + " is not allowed here; allowed: " + methods));
    }

    private static Problem ingestStopped(String detail) {
        return Problem.unavailable("ingest-stopped", detail, RETRY);
    }

    static void refuseBody(RoutingContext context, Problem problem) {
        refuse(context.request(), problem);
    }

    /** Answers with a problem. */
    public static void answer(RoutingContext context, Problem problem) {
        write(context.response(), problem);
    }

    /** Answers a request that does not say clearly which host it is for. @return false: it does, and is not answered */
    public static boolean refusesHost(HttpServerRequest request) {
        Optional<Problem> fault = HostHeader.fault(request);
        fault.ifPresent(problem -> refuse(request, problem));
        return fault.isPresent();
    }

    /** Answers a request before the product has started, or while it stops. @param why a sentence */
    public static void answerNotServing(HttpServerRequest request, String why) {
        write(request.response(), ingestStopped(why));
    }

    /** Answers a startup probe in the format of Camel's own probes. */
    public static void answerWhetherStarted(HttpServerRequest request, boolean started) {
        request.response()
                .setStatusCode(started ? 200 : 503)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(started ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}");
    }

    /** Answers a request with another method than POST. */
    static void answerOnlyPost(HttpServerRequest request) {
        request.response().putHeader(HttpHeaders.ALLOW, "POST");
        refuse(request, Problem.methodNotAllowed(request.method() + " is not allowed here; allowed: POST"));
    }

    /**
     * Refuses a request without reading its body. The connection is closed after the rest of the body or at the
     * request's deadline: closed at once, the client might not read the response.
     */
    static void refuse(HttpServerRequest request, Problem problem) {
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        if (request.isEnded()) {
            write(request.response(), problem);
            request.connection().close();
            return;
        }
        request.handler(null).exceptionHandler(null).endHandler(ended -> request.connection()
                .close());
        write(request.response(), problem);
        request.resume();
    }

    /** Answers a request whose route is suspended; Camel's own response has no body. */
    static void answerSuspended(HttpServerRequest request) {
        write(
                request.response(),
                Problem.unavailable(
                        "route-suspended", "This operation is not available now: its route is suspended.", RETRY));
    }

    /** Answers an invalid request or one with too large a head, and closes the connection. */
    static void answerInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        write(request.response(), invalid(cause));
        request.connection().close();
    }

    private static Problem invalid(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return new Problem(414, "too-long", "Address too long", "the address is too long", null, null);
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new Problem(431, "too-long", "Headers too large", "the headers are too large", null, null);
        }
        return Problem.badRequest("bad-request", "the request is not valid HTTP");
    }

    private static void write(HttpServerResponse response, Problem problem) {
        if (response.ended()) {
            return;
        }
        problem.headers().forEach(response::putHeader);
        response.setStatusCode(problem.status()).end(Buffer.buffer(problem.json()));
    }
}
