package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.Fifo;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.WaitFor;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads a webhook's delivery: first the authentication, which determines the other keys, then the target. */
final class DeliveryReader {

    private static final String NEVER_SKIPPED = "never";
    private static final Set<String> OF_HTTP = Set.of("none", "header", "api-key", "oauth2", "custom");

    private final AccountReader account;

    DeliveryReader(AccountReader account) {
        this.account = account;
    }

    Optional<DeliveryMethod> read(Mapping delivery) {
        Optional<Authentication> authentication = authentication(delivery);
        Optional<Target> target =
                authentication.or(() -> knownToBeHttp(delivery)).flatMap(chosen -> target(delivery, chosen));
        Optional<WaitFor> waitFor = delivery.mapping("waitFor")
                .filter(item -> !item.isFaulty())
                .map(item -> new WaitFor(
                        item.text("field").orElseThrow(),
                        item.duration("atMost").orElseThrow()));
        Optional<Fifo> fifo =
                delivery.mapping("fifo").filter(item -> !item.isFaulty()).map(DeliveryReader::fifo);
        // a fault of a referenced definition is reported there
        return delivery.isFaulty() || authentication.isEmpty() || target.isEmpty()
                ? Optional.empty()
                : Optional.of(new DeliveryMethod(
                        target.get(),
                        authentication.get(),
                        delivery.duration("timeout").orElseThrow(),
                        waitFor,
                        fifo,
                        delivery.text("rateLimit").flatMap(RateLimit::of)));
    }

    private static Fifo fifo(Mapping item) {
        boolean never = item.text("skipAfter").filter(NEVER_SKIPPED::equals).isPresent();
        return new Fifo(item.text("key").orElseThrow(), never ? Optional.empty() : item.duration("skipAfter"));
    }

    /**
     * If the authentication is invalid, its type or the URL determines the target, so that its faults are reported too.
     */
    private static Optional<Authentication> knownToBeHttp(Mapping delivery) {
        boolean isHttp = delivery.has("url")
                || delivery.inner("authentication")
                        .flatMap(authentication -> authentication.peek("type"))
                        .filter(OF_HTTP::contains)
                        .isPresent();
        return isHttp ? Optional.of(new Authentication.None()) : Optional.empty();
    }

    private Optional<Authentication> authentication(Mapping delivery) {
        return delivery.has("authentication")
                ? delivery.mapping("authentication").flatMap(this::authenticationOf)
                : Optional.of(new Authentication.None());
    }

    private Optional<Authentication> authenticationOf(Mapping item) {
        if (item.isFaulty()) {
            return Optional.empty();
        }
        return switch (item.text("type").orElseThrow()) {
            case "header" -> AuthorizationValue.read(item);
            case "api-key" -> ApiKeyReader.read(item);
            case "oauth2" -> oauth2(item);
            case "salesforce" -> salesforce(item);
            case "contentsquare" -> contentsquare(item);
            case "custom" ->
                credentials(item)
                        .map(own -> new Authentication.Custom(
                                item.text("destination").orElseThrow(), own));
            default -> Optional.of(new Authentication.None());
        };
    }

    /** Credentials for the steps of a custom destination's route. */
    private Optional<Authentication> credentials(Mapping item) {
        if (item.has("client")) {
            return oauth2(item);
        }
        if (item.has("header")) {
            return ApiKeyReader.read(item);
        }
        return item.has("value") || item.has("user")
                ? AuthorizationValue.read(item)
                : Optional.of(new Authentication.None());
    }

    private Optional<Authentication> oauth2(Mapping item) {
        String what = "the name of an OAuth client of account '" + account.id() + "'";
        return reference(item, "client", what, account.oauthClientNames())
                .map(account.resources().of(OAuthClient.class)::get)
                .map(client -> new Authentication.OAuth2(
                        client,
                        item.texts("renewOn").stream()
                                .map(Integer::valueOf)
                                .collect(Collectors.toCollection(TreeSet::new))));
    }

    private Optional<Authentication> salesforce(Mapping item) {
        return connection(item, "salesforce", SalesforceConnection.class, ContentsquareConnection.class)
                .map(Authentication.Salesforce::new);
    }

    private Optional<Authentication> contentsquare(Mapping item) {
        return connection(item, "contentsquare", ContentsquareConnection.class, SalesforceConnection.class)
                .map(Authentication.Contentsquare::new);
    }

    private <T extends Resource> Optional<T> connection(
            Mapping item, String type, Class<T> ofType, Class<? extends Resource> other) {
        String what = "the name of a connection of account '" + account.id() + "'";
        Optional<String> name = reference(item, "connection", what, account.connectionNames());
        if (name.filter(account.resources().names(other)::contains).isPresent()) {
            item.fault(
                    "connection",
                    "unknown-name",
                    "connection '" + name.get() + "' is not of type " + type,
                    Names.known(account.resources().names(ofType)));
            return Optional.empty();
        }
        return name.map(account.resources().of(ofType)::get);
    }

    private static Optional<String> reference(Mapping item, String key, String what, Names names) {
        Optional<String> name = item.text(key);
        if (name.isPresent() && !names.has(name.get())) {
            item.fault(
                    key, "unknown-name", "'" + key + "' '" + Shown.of(name.get()) + "' is not " + what, names.known());
            return Optional.empty();
        }
        return name;
    }

    private Optional<Target> target(Mapping delivery, Authentication authentication) {
        SigningReader signings = new SigningReader(account);
        if (authentication instanceof Authentication.Salesforce) {
            return SalesforceTargetReader.read(delivery, signings);
        }
        if (authentication instanceof Authentication.Contentsquare contentsquare) {
            return ContentsquareTargetReader.read(delivery, contentsquare.connection(), signings);
        }
        if (authentication instanceof Authentication.Custom custom
                && custom.destination().equals(Target.Email.DESTINATION)) {
            return EmailTargetReader.read(delivery);
        }
        return HttpTargetReader.read(delivery, authentication.credentials(), signings)
                .map(target -> bound(delivery, target, authentication));
    }

    /** Adds the OAuth client's certificate to the target if its tokens are bound to it. */
    private static Target bound(Mapping delivery, Target target, Authentication authentication) {
        if (!(authentication.credentials() instanceof Authentication.OAuth2 oauth2)
                || !oauth2.client().bound()
                || !(target instanceof Target.Http http)) {
            return target;
        }
        if (!http.tls().chain().isEmpty()) {
            delivery.fault(
                    "tls",
                    "certificate-twice",
                    "'tls' shows its own certificate, but tokens of OAuth client '"
                            + oauth2.client().name() + "' are bound to that of the client",
                    "leave the certificate out here: the client's is shown");
        }
        if ("http".equalsIgnoreCase(http.url().getScheme())) {
            delivery.fault(
                    "url", "plain-http", "'url' is of plain http, where no certificate can be shown", "use https");
        }
        return new Target.Http(
                http.url(),
                http.method(),
                http.body(),
                http.headers(),
                http.signing(),
                http.tls().withCertificateOf(oauth2.client().tls()));
    }
}
