package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.Fifo;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.WaitFor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads how a webhook delivers: the authentication, which chooses what else there may be, then the target. */
final class DeliveryReader {

    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);

    /** Far below the time that a shutdown waits for requests in flight (45 s). */
    private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(30);

    private static final Duration SHORTEST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofDays(7);

    private static final Duration LONGEST_SKIP_AFTER = Duration.ofDays(30);
    private static final String NEVER_SKIPPED = "never";

    /** Disables the webhook, and never means a token. */
    private static final String GONE = "410";

    /** Keys of an authentication besides its type. */
    static final Map<String, Set<String>> KEYS = Map.of(
            "none", Set.of(),
            "header", Set.of("user", "password", "value"),
            "api-key", Set.of("header", "value"),
            "oauth2", Set.of("client", "renewOn"),
            "salesforce", Set.of("connection"),
            "contentsquare", Set.of("connection"),
            "custom", Set.of("destination", "user", "password", "value", "header", "client", "renewOn"));

    private static final Set<String> OF_HTTP = Set.of("none", "header", "api-key", "oauth2", "custom");

    /** Routes of ours begin the same way: a destination of the customer's own is none of them. */
    private static final Set<String> OWN_ROUTES =
            Set.of("header", "oauth2", "salesforce", "contentsquare", "unauthenticated", "elsewhere", "due");

    private static final String DESTINATION =
            "what comes after direct:deliver- in the route that sends, such as hubspot: small letters, digits, '-'";

    private final AccountReader account;

    DeliveryReader(AccountReader account) {
        this.account = account;
    }

    Optional<DeliveryMethod> read(Mapping delivery) {
        Optional<Authentication> authentication = authentication(delivery);
        Optional<Target> target =
                authentication.or(() -> knownToBeHttp(delivery)).flatMap(chosen -> target(delivery, chosen));
        Duration timeout =
                delivery.duration("timeout", SHORTEST_TIMEOUT, LONGEST_TIMEOUT).orElse(DeliveryMethod.DEFAULT_TIMEOUT);
        Optional<WaitFor> waitFor = waitFor(delivery);
        Optional<Fifo> fifo = fifo(delivery);
        Optional<RateLimit> rateLimit = rateLimit(delivery);
        if (authentication.isEmpty() || target.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new DeliveryMethod(target.get(), authentication.get(), timeout, waitFor, fifo, rateLimit));
    }

    /** Where the authentication is broken, a URL or its type tells what the target is, so that its faults come with the others. */
    private static Optional<Authentication> knownToBeHttp(Mapping delivery) {
        boolean isHttp = delivery.has("url")
                || delivery.peek("authentication", "type")
                        .filter(OF_HTTP::contains)
                        .isPresent();
        return isHttp ? Optional.of(new Authentication.None()) : Optional.empty();
    }

    private Optional<Authentication> authentication(Mapping delivery) {
        if (!delivery.has("authentication")) {
            return Optional.of(new Authentication.None());
        }
        return delivery.mapping("authentication", Part.AUTHENTICATION).flatMap(this::authenticationOf);
    }

    private Optional<Authentication> authenticationOf(Mapping item) {
        Map<String, String> types = KEYS.keySet().stream().collect(Collectors.toMap(t -> t, t -> t));
        Optional<String> type = item.need("type", "none, header, api-key, oauth2, salesforce, contentsquare or custom")
                .flatMap(text -> item.choice("type", types, Map.of()));
        if (type.isEmpty() || !onlyKeysOf(type.get(), item)) {
            return Optional.empty();
        }
        return switch (type.get()) {
            case "header" -> AuthorizationValue.read(item);
            case "api-key" -> ApiKeyReader.read(item);
            case "oauth2" -> oauth2(item);
            case "salesforce" -> salesforce(item);
            case "contentsquare" -> contentsquare(item);
            case "custom" -> custom(item);
            default -> Optional.of(new Authentication.None());
        };
    }

    private static boolean onlyKeysOf(String type, Mapping item) {
        boolean only = true;
        for (String key : item.keys()) {
            boolean foreign = Part.AUTHENTICATION.keys().contains(key)
                    && !key.equals("type")
                    && !KEYS.get(type).contains(key);
            if (foreign) {
                String keys = KEYS.get(type).isEmpty() ? "no keys" : String.join(", ", new TreeSet<>(KEYS.get(type)));
                item.fault(key, "authentication '" + type + "' does not take '" + key + "'", "it takes " + keys);
                only = false;
            }
        }
        return only;
    }

    private Optional<Authentication> custom(Mapping item) {
        Optional<String> destination = item.need("destination", DESTINATION).filter(name -> isDestination(item, name));
        Optional<Authentication> credentials = credentials(item);
        return destination.isEmpty() || credentials.isEmpty()
                ? Optional.empty()
                : Optional.of(new Authentication.Custom(destination.get(), credentials.get()));
    }

    /** What the steps of the destination's route prove who we are by. */
    private Optional<Authentication> credentials(Mapping item) {
        boolean byHeader = item.has("value") || item.has("user") || item.has("password") || item.has("header");
        if (item.has("client") && byHeader) {
            item.fault("client", "'client' stands beside a header", "give one of them");
            return Optional.empty();
        }
        if (item.has("header") && (item.has("user") || item.has("password"))) {
            item.fault("header", "'header' stands beside user or password", "give one or the other");
            return Optional.empty();
        }
        if (item.has("renewOn") && !item.has("client")) {
            item.fault("renewOn", "'renewOn' goes with 'client' only", "no other credential is renewed");
            return Optional.empty();
        }
        if (item.has("client")) {
            return oauth2(item);
        }
        if (item.has("header")) {
            return ApiKeyReader.read(item);
        }
        return byHeader ? AuthorizationValue.read(item) : Optional.of(new Authentication.None());
    }

    private static boolean isDestination(Mapping item, String name) {
        if (!name.matches("[a-z][a-z0-9-]{0,49}") || OWN_ROUTES.contains(name)) {
            item.fault("destination", "'destination' is no name for one of your own", DESTINATION);
            return false;
        }
        return true;
    }

    private Optional<Authentication> oauth2(Mapping item) {
        String what = "the name of an OAuth client of account '" + account.id() + "'";
        Optional<String> name = reference(item, "oauth2", "client", what, account.oauthClientNames());
        Optional<OAuthClient> client = name.map(account.oauthClients()::get);
        Set<Integer> renewOn = renewOn(item);
        return client.map(known -> new Authentication.OAuth2(known, renewOn));
    }

    private static Set<Integer> renewOn(Mapping item) {
        if (!item.has("renewOn")) {
            return Authentication.OAuth2.UNAUTHORIZED;
        }
        Set<Integer> statuses = new TreeSet<>();
        for (String text : item.texts("renewOn")) {
            if (text.matches("4\\d\\d") && !text.equals(GONE)) {
                statuses.add(Integer.parseInt(text));
            } else {
                item.fault(
                        "renewOn",
                        "'renewOn' holds '" + Shown.of(text) + "'",
                        "HTTP statuses from 400 to 499 without 410, such as [401, 403]");
            }
        }
        return statuses;
    }

    private Optional<Authentication> salesforce(Mapping item) {
        return connection(
                        item,
                        "salesforce",
                        account.salesforce().keySet(),
                        account.contentsquare().keySet())
                .map(account.salesforce()::get)
                .map(Authentication.Salesforce::new);
    }

    private Optional<Authentication> contentsquare(Mapping item) {
        return connection(
                        item,
                        "contentsquare",
                        account.contentsquare().keySet(),
                        account.salesforce().keySet())
                .map(account.contentsquare()::get)
                .map(Authentication.Contentsquare::new);
    }

    private Optional<String> connection(Mapping item, String type, Set<String> ofType, Set<String> others) {
        String what = "the name of a connection of account '" + account.id() + "'";
        Optional<String> name = reference(item, type, "connection", what, account.connectionNames());
        if (name.filter(others::contains).isPresent()) {
            item.fault("connection", "connection '" + name.get() + "' is not of type " + type, Names.known(ofType));
            return Optional.empty();
        }
        return name;
    }

    private static Optional<String> reference(Mapping item, String type, String key, String what, Names names) {
        if (!item.has(key)) {
            item.fault("type", "authentication '" + type + "' needs '" + key + "', " + what, names.known());
            return Optional.empty();
        }
        Optional<String> name = item.need(key, what);
        if (name.isPresent() && !names.has(name.get())) {
            item.fault(key, "'" + key + "' '" + Shown.of(name.get()) + "' is not " + what, names.known());
            return Optional.empty();
        }
        return name;
    }

    private Optional<Target> target(Mapping delivery, Authentication authentication) {
        if (authentication instanceof Authentication.Salesforce) {
            refuse(
                    delivery,
                    SalesforceTargetReader.isOwnRequest(delivery)
                            ? List.of("url", "tls")
                            : DefinitionReader.OF_REQUESTS_TO_A_URL,
                    "salesforce");
            refuse(delivery, List.of("contentsquare"), "salesforce");
            return SalesforceTargetReader.read(delivery, new SigningReader(account));
        }
        if (authentication instanceof Authentication.Contentsquare contentsquare) {
            refuse(
                    delivery,
                    ContentsquareTargetReader.isOwnRequest(delivery)
                            ? List.of("url", "tls")
                            : DefinitionReader.OF_REQUESTS_TO_A_URL,
                    "contentsquare");
            refuse(delivery, List.of("salesforce"), "contentsquare");
            ContentsquareConnection connection = contentsquare.connection();
            return ContentsquareTargetReader.read(delivery, connection, new SigningReader(account));
        }
        for (String party : List.of("salesforce", "contentsquare")) {
            if (delivery.has(party)) {
                delivery.fault(
                        party,
                        "'" + party + "' needs an authentication of that type",
                        "write authentication: {type: " + party + ", connection: …}");
            }
        }
        return delivery.has("salesforce") || delivery.has("contentsquare")
                ? Optional.empty()
                : HttpTargetReader.read(delivery, authentication.credentials(), new SigningReader(account))
                        .map(target -> bound(delivery, target, authentication));
    }

    /** A token that is bound to a certificate is worth nothing without it. */
    private static Target bound(Mapping delivery, Target target, Authentication authentication) {
        if (!(authentication.credentials() instanceof Authentication.OAuth2 oauth2)
                || !oauth2.client().bound()
                || !(target instanceof Target.Http http)) {
            return target;
        }
        if (!http.tls().chain().isEmpty()) {
            delivery.fault(
                    "tls",
                    "'tls' shows a certificate of its own, but tokens of OAuth client '"
                            + oauth2.client().name() + "' are bound to that of the client",
                    "leave the certificate out here: the client's is shown");
        }
        if ("http".equalsIgnoreCase(http.url().getScheme())) {
            delivery.fault("url", "'url' is of plain http, where no certificate can be shown", "use https");
        }
        return new Target.Http(
                http.url(),
                http.method(),
                http.body(),
                http.headers(),
                http.signing(),
                http.tls().withCertificateOf(oauth2.client().tls()));
    }

    private static void refuse(Mapping delivery, List<String> keys, String type) {
        for (String key : keys) {
            if (delivery.has(key)) {
                delivery.fault(key, "authentication '" + type + "' does not go with '" + key + "'", "remove it");
            }
        }
    }

    private static Optional<Fifo> fifo(Mapping delivery) {
        if (delivery.has("fifo") && delivery.has("waitFor")) {
            delivery.fault(
                    "fifo",
                    "'fifo' does not go with 'waitFor'",
                    "what waits for a field would keep all others of its key waiting: remove one of them");
        }
        return delivery.mapping("fifo", Part.FIFO).flatMap(item -> {
            Optional<String> key = item.has("key")
                    ? ThirdPartyReader.path(item, "key", "a path from the event, such as subject or data.contact.id")
                    : Optional.of(Fifo.DEFAULT_KEY);
            boolean never = item.peek("skipAfter").filter(NEVER_SKIPPED::equals).isPresent();
            Optional<Duration> skipAfter = never
                    ? Optional.empty()
                    : Optional.of(item.duration("skipAfter", Duration.ZERO, LONGEST_SKIP_AFTER)
                            .orElse(Fifo.DEFAULT_SKIP_AFTER));
            return key.map(path -> new Fifo(path, skipAfter));
        });
    }

    private static Optional<RateLimit> rateLimit(Mapping delivery) {
        return delivery.text("rateLimit").flatMap(text -> {
            Optional<RateLimit> limit = RateLimit.of(text);
            if (limit.isEmpty()) {
                delivery.fault(
                        "rateLimit",
                        "'rateLimit' is '" + Shown.of(text) + "', which is no rate",
                        "write so many requests in a second, minute or hour, 1 to " + RateLimit.MOST
                                + ", such as 50/s, 300/m or 1000/h");
            }
            return limit;
        });
    }

    private static Optional<WaitFor> waitFor(Mapping delivery) {
        return delivery.mapping("waitFor", Part.WAIT_FOR).flatMap(item -> {
            Optional<String> field =
                    ThirdPartyReader.path(item, "field", "a path from the event, such as data.recording_id");
            Optional<Duration> atMost = item.need("atMost", "the longest wait, such as 30m")
                    .flatMap(text -> item.duration("atMost", SHORTEST_WAIT, LONGEST_WAIT));
            return field.isEmpty() || atMost.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new WaitFor(field.get(), atMost.get()));
        });
    }
}
