package io.engagementwebhooks.server;

import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.SetUp;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * Step {@code authenticate-caller}: who calls, by the key in {@code Authorization: Bearer}, and whether that key may. It
 * leaves the {@link Caller} and the {@link HttpCall} on the exchange and removes every header, so that nothing a caller
 * sends can steer a later step. Thread-safe.
 */
public final class CallerAuthentication implements Processor {

    /** {@link Caller}: who calls. */
    public static final String CALLER = "webhooksCaller";

    /** {@link HttpCall}: the request as it came. */
    public static final String CALL = "webhooksCall";

    private static final String SCHEME = "bearer ";

    private final Supplier<SetUp> setUp;
    private final Predicate<ApiKey.Role> may;
    private final String what;
    private final FailedKeys failedKeys;
    private final KeyRates rates;

    private CallerAuthentication(Guard guard, Predicate<ApiKey.Role> may, String what) {
        this.setUp = guard.setUp();
        this.failedKeys = guard.failedKeys();
        this.rates = guard.rates();
        this.may = may;
        this.what = what;
    }

    /**
     * What all authentication shares.
     *
     * @param setUp who has which key
     * @param failedKeys slows down who guesses
     * @param rates the limit for each key
     */
    public record Guard(Supplier<SetUp> setUp, FailedKeys failedKeys, KeyRates rates) {}

    public static CallerAuthentication toSend(Guard guard) {
        return new CallerAuthentication(guard, ApiKey.Role::maySend, "send events");
    }

    public static CallerAuthentication toRead(Guard guard) {
        return new CallerAuthentication(guard, ApiKey.Role::mayRead, "read");
    }

    public static CallerAuthentication toChange(Guard guard) {
        return new CallerAuthentication(guard, ApiKey.Role::mayChange, "change anything");
    }

    @Override
    public void process(Exchange exchange) {
        HttpCall call = HttpCall.of(exchange);
        exchange.getIn().removeHeaders("*");
        Caller caller = setUp.get().caller(key(call)).orElseThrow(() -> unknown(exchange));
        if (!may.test(caller.key().role())) {
            throw new ProblemException(Problem.forbidden(
                    "wrong-role",
                    "key '" + caller.key().name() + "' has the role "
                            + caller.key().role().name().toLowerCase(java.util.Locale.ROOT) + " and may not " + what));
        }
        rates.take(caller.key()).ifPresent(wait -> {
            throw new ProblemException(Problem.tooMany(
                    "rate-limit", "this key sends more than it may (webhooks.ingest.rate-limit)", wait));
        });
        exchange.setProperty(CALLER, caller);
        exchange.setProperty(CALL, call);
    }

    private ProblemException unknown(Exchange exchange) {
        String address = exchange.getIn() instanceof HttpMessage http
                ? http.getRequest().remoteAddress().hostAddress()
                : "";
        return new ProblemException(failedKeys
                .failed(address)
                .map(wait -> Problem.tooMany(
                        "too-many-failures",
                        "too many unknown API keys came from your address; wait, then try again",
                        wait))
                .orElseGet(() -> Problem.unauthorized("the API key is not known")));
    }

    private static String key(HttpCall call) {
        String header = call.header("authorization");
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new ProblemException(Problem.unauthorized("send your API key as 'Authorization: Bearer <key>'"));
        }
        return header.substring(SCHEME.length()).trim();
    }

    public static Caller caller(Exchange exchange) {
        return exchange.getProperty(CALLER, Caller.class);
    }

    public static HttpCall call(Exchange exchange) {
        return exchange.getProperty(CALL, HttpCall.class);
    }
}
