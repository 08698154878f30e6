package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.ExchangeEnd;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * Step {@code authenticate-caller}: authenticates the key in {@code Authorization: Bearer} and checks its role. Puts
 * the {@link Caller} and the {@link HttpCall} on the exchange and the body's bytes into the message, and removes all
 * headers, so that a caller cannot influence later steps. Thread-safe.
 */
public record CallerAuthentication(Guard guard, Access access) implements Processor {

    /** {@link Caller}: the authenticated caller. */
    public static final String CALLER = "webhooksCaller";

    /** {@link Caller}: authenticated before the body was read; this step checks only the role. */
    static final String ADMITTED = "webhooksAdmittedCaller";

    /** {@code Boolean}: whether the request uses a server thread until its route has ended. */
    static final String HOLDS_THREAD = "webhooksHoldsThread";

    /** {@link HttpCall}: the original request. */
    public static final String CALL = "webhooksCall";

    private static final String SCHEME = "bearer ";

    /** The operator's account, with an id that no configured account can have. */
    private static final Account NO_ACCOUNT = new Account("(operator)", List.of(), List.of());

    /**
     * The shared parts of all authentication.
     *
     * @param config the configured keys
     * @param operator the operator's key, if configured
     * @param failedKeys limits guesses
     * @param rates the rate limit per key
     * @param use records the use of keys
     * @param requests limits concurrent requests to the API and the console
     * @param clock for the expiry of keys
     * @param addresses finds client addresses
     */
    public record Guard(
            Supplier<Config> config,
            Optional<ApiKey> operator,
            FailedKeys failedKeys,
            KeyRates rates,
            KeyUse use,
            ConcurrencyLimit requests,
            Clock clock,
            ClientAddresses addresses) {

        /**
         * Authenticates a request, which counts toward the key's rate limit.
         *
         * @param authorization all values of the header {@code Authorization}
         * @param address the client's literal address
         * @throws ProblemException 401 without a valid key, 429 above its rate limit, 400 for several headers
         */
        Caller admit(List<String> authorization, Supplier<String> address) {
            Caller caller = authenticate(key(authorization), address);
            use.used(caller.key());
            return caller;
        }

        /** Whether the header holds a known key. Counts nothing. */
        boolean isKnown(List<String> authorization) {
            if (authorization.size() != 1 || !isBearer(authorization.get(0))) {
                return false;
            }
            String presented = key(authorization);
            return operator.filter(key -> key.is(ApiKey.hash(presented))).isPresent()
                    || config.get().caller(presented).isPresent();
        }

        private static boolean isBearer(String header) {
            return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        }

        private static String key(List<String> authorization) {
            if (authorization.size() > 1) {
                throw new ProblemException(HttpCall.repeated("authorization", authorization.size()));
            }
            if (authorization.isEmpty() || !isBearer(authorization.get(0))) {
                throw new ProblemException(Problem.unauthorized("send your API key as 'Authorization: Bearer <key>'"));
            }
            return authorization.get(0).substring(SCHEME.length()).trim();
        }

        /**
         * Finds the caller of a key and counts a request toward its rate limit.
         *
         * @param presented the key
         * @param address the client's literal address, for the limit of guesses
         * @throws ProblemException if it is unknown, has expired or exceeds its rate limit
         */
        public Caller authenticate(String presented, Supplier<String> address) {
            Caller caller = operator.filter(key -> key.is(ApiKey.hash(presented)))
                    .map(key -> new Caller(NO_ACCOUNT, key))
                    .or(() -> config.get().caller(presented))
                    .orElseThrow(() -> unknown(address.get()));
            refuseExpired(caller.key());
            return limited(caller);
        }

        /** Counts a request of an authenticated caller. @throws ProblemException 429 above the rate limit of its key */
        Caller limited(Caller caller) {
            rates.acquire(caller.key()).ifPresent(wait -> {
                throw new ProblemException(Problem.tooMany(
                        "rate-limit", "this key exceeds its rate limit (webhooks.ingest.rate-limit)", wait));
            });
            return caller;
        }

        /** The caller by the current configuration; empty: the key was removed, has expired or has another role. */
        public Optional<Caller> current(Caller caller) {
            ApiKey key = caller.key();
            if (key.hasEnded(clock.instant())) {
                return Optional.empty();
            }
            if (key.role().mayOperate()) {
                return operator.filter(now -> now.is(key.sha256())).map(now -> caller);
            }
            return config.get().account(caller.account().id()).flatMap(account -> account.apiKeys().stream()
                    .filter(now -> now.is(key.sha256()) && now.role() == key.role())
                    .filter(now -> !now.hasEnded(clock.instant()))
                    .findFirst()
                    .map(now -> new Caller(account, now)));
        }

        /** Records the use of a key. */
        public void used(ApiKey key) {
            use.used(key);
        }

        /** Refuses an expired key. This is not a guess, so it is not counted, and the response may name the key. */
        private void refuseExpired(ApiKey key) {
            if (key.hasEnded(clock.instant())) {
                throw new ProblemException(Problem.unauthorized(
                        "key '" + key.name() + "' ended at " + key.until() + "; use its successor"));
            }
        }

        private ProblemException unknown(String address) {
            return new ProblemException(failedKeys
                    .failed(address)
                    .map(wait -> Problem.tooMany(
                            "too-many-failures",
                            "too many unknown API keys came from your address; wait, then try again",
                            wait))
                    .orElseGet(() -> Problem.unauthorized("the API key is unknown")));
        }
    }

    @Override
    public void process(Exchange exchange) {
        HttpCall call = HttpCall.of(exchange);
        exchange.getIn().removeHeaders("*");
        Caller admitted = exchange.getProperty(ADMITTED, Caller.class);
        Caller caller = admitted != null
                ? admitted
                : guard.admit(call.headers().getOrDefault("authorization", List.of()), () -> address(exchange));
        refuse(caller.key(), access::allows, access.action());
        // events are limited only where each uses a thread
        if (!authenticatesIngest() || Boolean.TRUE.equals(exchange.getProperty(HOLDS_THREAD))) {
            takeSlot(exchange, caller);
        }
        exchange.setProperty(CALLER, caller);
        exchange.setProperty(CALL, call);
        exchange.getIn().setBody(call.body());
    }

    /** Whether it authenticates callers that send events. */
    boolean authenticatesIngest() {
        return access == Access.SEND;
    }

    /** @throws ProblemException 403 if the key's role lacks the permission */
    static void refuse(ApiKey key, Predicate<ApiKey.Role> may, String what) {
        if (!may.test(key.role())) {
            throw new ProblemException(Problem.forbidden(
                    "wrong-role",
                    "key '" + key.name() + "' has the role " + key.role().name().toLowerCase(java.util.Locale.ROOT)
                            + " and may not " + what));
        }
    }

    /** Takes a slot of the concurrency limit until the response is written. */
    private void takeSlot(Exchange exchange, Caller caller) {
        ConcurrencyLimit.Slot slot = guard.requests().acquire(caller.account().id());
        ExchangeEnd.run(exchange, ended -> slot.close());
    }

    /** The client's literal address; empty for a message that did not come over HTTP. */
    private String address(Exchange exchange) {
        return exchange.getIn() instanceof HttpMessage http ? guard.addresses().of(http.getRequest()) : "";
    }

    public static Caller caller(Exchange exchange) {
        return exchange.getProperty(CALLER, Caller.class);
    }

    public static HttpCall call(Exchange exchange) {
        return exchange.getProperty(CALL, HttpCall.class);
    }
}
