package io.engagementwebhooks.server;

import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code resolve-account}: accepts events from a custom source, such as a file, for the account of the route. Puts
 * the {@link Caller} and the {@link HttpCall} on the exchange like {@link CallerAuthentication}, without an API key.
 * Thread-safe.
 *
 * @param accounts finds an account by its id
 */
public record ResolveAccountStep(Function<String, Optional<Account>> accounts) implements Processor {

    /** {@code String}: the id of the account, set by the route. */
    public static final String ACCOUNT = "eventAccount";

    private static final String TYPE = "content-type";
    private static final ApiKey NO_KEY = new ApiKey("route", ApiKey.Role.INGEST, new byte[0], null);

    /**
     * Reads the message as {@code application/json} unless it has a {@code Content-Type}.
     *
     * @throws ProblemException if the account does not exist or the body cannot be converted to bytes
     */
    @Override
    public void process(Exchange exchange) {
        String id = exchange.getProperty(ACCOUNT, String.class);
        Account account = accounts.apply(id)
                .orElseThrow(() -> new ProblemException(Problem.notFound("account '" + id
                        + "' is not configured; name the id of an account of the configuration file")));
        Object body = exchange.getIn().getBody();
        if (body != null && HttpCall.bytes(exchange, body) == null) {
            throw new ProblemException(Problem.unsupportedMediaType("a body of "
                    + body.getClass().getName() + " cannot be read as an event; marshal it to JSON in a step before"));
        }
        exchange.setProperty(CallerAuthentication.CALLER, new Caller(account, NO_KEY));
        exchange.setProperty(CallerAuthentication.CALL, typed(HttpCall.of(exchange)));
    }

    private static HttpCall typed(HttpCall call) {
        if (call.headers().containsKey(TYPE)) {
            return call;
        }
        Map<String, List<String>> headers = new LinkedHashMap<>(call.headers());
        headers.put(TYPE, List.of("application/json"));
        return new HttpCall(call.method(), call.path(), headers, call.query(), call.body());
    }
}
