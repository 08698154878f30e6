package io.engagementwebhooks.server;

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
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Step {@code authenticate-caller}: who calls, by the key in {@code Authorization: Bearer}, and whether that key may. It
 * leaves the {@link Caller} and the {@link HttpCall} on the exchange and the body's bytes in the message, and removes every
 * header, so that nothing a caller sends can steer a later step. Thread-safe.
 */
public final class CallerAuthentication implements Processor {

    /** {@link Caller}: who calls. */
    public static final String CALLER = "webhooksCaller";

    /** {@link Caller}: who was authenticated before the body was read; this step asks for the role alone. */
    static final String ADMITTED = "webhooksAdmittedCaller";

    /** {@code Boolean}: the request holds a thread of the server until its route has ended. */
    static final String HOLDS_THREAD = "webhooksHoldsThread";

    /** {@link HttpCall}: the request as it came. */
    public static final String CALL = "webhooksCall";

    private static final String SCHEME = "bearer ";

    /** An id that no configured account can have, so that the operator owns nothing. */
    private static final Account NO_ACCOUNT = new Account("(operator)", List.of(), List.of());

    private final Guard guard;
    private final Predicate<ApiKey.Role> may;
    private final String what;

    /** Whether an account may have so many such requests at once only; events are, where each holds a thread. */
    private final boolean limited;

    private CallerAuthentication(Guard guard, Predicate<ApiKey.Role> may, String what, boolean limited) {
        this.guard = guard;
        this.may = may;
        this.what = what;
        this.limited = limited;
    }

    /**
     * What all authentication shares.
     *
     * @param config who has which key
     * @param operator the operator's key, if there is an operator
     * @param failedKeys slows down who guesses
     * @param rates the limit for each key
     * @param use notes when keys are used
     * @param requests bounds the requests to the API and the pages that are answered at once
     * @param clock says whether a key has ended
     * @param addresses where requests come from
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
         * Who makes a request, by its key. It counts as one of what the key may make.
         *
         * @param authorization the values of the header {@code Authorization}
         * @param address where it came from, as a literal
         * @throws ProblemException 401 without a good key, 429 if the key is used too often, 400 for several headers
         */
        Caller admit(List<String> authorization, Supplier<String> address) {
            Caller caller = authenticate(key(authorization), address);
            rates.take(caller.key()).ifPresent(wait -> {
                throw new ProblemException(Problem.tooMany(
                        "rate-limit", "this key exceeds its rate limit (webhooks.ingest.rate-limit)", wait));
            });
            use.used(caller.key());
            return caller;
        }

        /** Whether the header holds a known key; nothing is counted. */
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
         * Who presents a key; notes that it was used.
         *
         * @param presented the key
         * @param address where it came from, as a literal: who guesses is slowed down
         * @throws ProblemException if it is unknown, or if its time is over
         */
        public Caller authenticate(String presented, Supplier<String> address) {
            Caller caller = operator.filter(key -> key.is(ApiKey.hash(presented)))
                    .map(key -> new Caller(NO_ACCOUNT, key))
                    .or(() -> config.get().caller(presented))
                    .orElseThrow(() -> unknown(address.get()));
            refuseEnded(caller.key());
            return caller;
        }

        /** The caller by the current configuration; empty: the key was removed, has expired or has another role. */
        public Optional<Caller> still(Caller caller) {
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

        /** A request came with the key. */
        public void used(ApiKey key) {
            use.used(key);
        }

        /** Who holds it may know; it is no guess, so it is not counted as one. */
        private void refuseEnded(ApiKey key) {
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

    public static CallerAuthentication toSend(Guard guard) {
        return new CallerAuthentication(guard, ApiKey.Role::maySend, "send events", false);
    }

    public static CallerAuthentication toRead(Guard guard) {
        return new CallerAuthentication(guard, ApiKey.Role::mayRead, "read", true);
    }

    public static CallerAuthentication toChange(Guard guard) {
        return new CallerAuthentication(guard, ApiKey.Role::mayChange, "change anything", true);
    }

    /** For the operator alone. */
    public static CallerAuthentication toOperate(Guard guard) {
        return new CallerAuthentication(guard, ApiKey.Role::mayOperate, "see other accounts", true);
    }

    /** For who reads of an account, and for the operator. */
    public static CallerAuthentication toReadOrOperate(Guard guard) {
        return new CallerAuthentication(guard, role -> role.mayRead() || role.mayOperate(), "read", true);
    }

    /** For who changes an account, and for the operator. */
    public static CallerAuthentication toChangeOrOperate(Guard guard) {
        return new CallerAuthentication(
                guard, role -> role.mayChange() || role.mayOperate(), "make portal sessions", true);
    }

    @Override
    public void process(Exchange exchange) {
        HttpCall call = HttpCall.of(exchange);
        exchange.getIn().removeHeaders("*");
        Caller admitted = exchange.getProperty(ADMITTED, Caller.class);
        Caller caller = admitted != null
                ? admitted
                : guard.admit(call.headers().getOrDefault("authorization", List.of()), () -> address(exchange));
        refuse(caller.key(), may, what);
        if (limited || Boolean.TRUE.equals(exchange.getProperty(HOLDS_THREAD))) {
            enter(exchange, caller);
        }
        exchange.setProperty(CALLER, caller);
        exchange.setProperty(CALL, call);
        exchange.getIn().setBody(call.body());
    }

    /** Whether it lets events in. */
    boolean takesEvents() {
        return !limited;
    }

    /** @throws ProblemException 403 if the key's role may not */
    static void refuse(ApiKey key, Predicate<ApiKey.Role> may, String what) {
        if (!may.test(key.role())) {
            throw new ProblemException(Problem.forbidden(
                    "wrong-role",
                    "key '" + key.name() + "' has the role " + key.role().name().toLowerCase(java.util.Locale.ROOT)
                            + " and may not " + what));
        }
    }

    /** Until the answer is written. */
    private void enter(Exchange exchange, Caller caller) {
        ConcurrencyLimit.Place place = guard.requests().enter(caller.account().id());
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                place.close();
            }
        });
    }

    /** Where a request came from, as a literal address; empty where it did not come over HTTP. */
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
