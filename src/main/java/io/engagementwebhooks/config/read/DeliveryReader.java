package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.UnreadableException;
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
import io.engagementwebhooks.webhook.auth.Authentication;
import java.util.Optional;

/** Reads a webhook's delivery: first the authentication, which determines the other keys, then the target. */
record DeliveryReader(AccountReader account) {

    private static final Authentication KAMELET =
            new Authentication.Custom(Target.Kamelet.DESTINATION, new Authentication.None());
    private static final String NEVER_SKIPPED = "never";

    DeliveryMethod read(Mapping delivery) {
        Authentication none = new Authentication.None();
        Optional<Authentication> authentication = delivery.has("authentication")
                ? Mapping.readable(() -> authentication(delivery.inner("authentication")))
                : Optional.of(delivery.has(Target.Kamelet.DESTINATION) ? KAMELET : none);
        // of an invalid one the target is read as that of most, for its faults
        Target target = target(delivery, authentication.orElse(none));
        Optional<WaitFor> waitFor =
                delivery.mapping("waitFor").map(item -> new WaitFor(item.text("field"), item.duration("atMost")));
        return new DeliveryMethod(
                target,
                authentication.orElseThrow(UnreadableException::new),
                delivery.duration("timeout"),
                delivery.numbers("succeedOn"),
                waitFor,
                delivery.mapping("fifo").map(DeliveryReader::fifo),
                delivery.find("rateLimit").flatMap(RateLimit::of),
                delivery.find("validation").filter("cloudevents"::equals).isPresent());
    }

    private static Fifo fifo(Mapping item) {
        boolean never = item.text("skipAfter").equals(NEVER_SKIPPED);
        return new Fifo(item.text("key"), never ? Optional.empty() : Optional.of(item.duration("skipAfter")));
    }

    private Authentication authentication(Mapping item) {
        return switch (item.text("type")) {
            case "header" -> AuthorizationValue.read(item);
            case "api-key" -> ApiKeyReader.read(item);
            case "oauth2" -> oauth2(item);
            case "salesforce" ->
                new Authentication.Salesforce(
                        connection(item, "salesforce", SalesforceConnection.class, ContentsquareConnection.class));
            case "contentsquare" ->
                new Authentication.Contentsquare(
                        connection(item, "contentsquare", ContentsquareConnection.class, SalesforceConnection.class));
            case "custom" -> new Authentication.Custom(item.text("destination"), credentials(item));
            default -> new Authentication.None();
        };
    }

    /** Credentials for the steps of a custom destination's route. */
    private Authentication credentials(Mapping item) {
        if (item.has("client")) {
            return oauth2(item);
        }
        if (item.has("header")) {
            return ApiKeyReader.read(item);
        }
        return item.has("value") || item.has("user") ? AuthorizationValue.read(item) : new Authentication.None();
    }

    private Authentication oauth2(Mapping item) {
        String what = "the name of an OAuth client of account '" + account.id() + "'";
        String name = reference(item, "client", what, account.oauthClientNames());
        return new Authentication.OAuth2(known(OAuthClient.class, name), item.numbers("renewOn"));
    }

    private <T extends Resource> T connection(
            Mapping item, String type, Class<T> ofType, Class<? extends Resource> other) {
        String what = "the name of a connection of account '" + account.id() + "'";
        String name = reference(item, "connection", what, account.connectionNames());
        if (account.resources().names(other).contains(name)) {
            throw item.refused(
                    "connection",
                    "unknown-name",
                    "connection '" + name + "' is not of type " + type,
                    Names.known(account.resources().names(ofType)));
        }
        return known(ofType, name);
    }

    /** @throws UnreadableException if it has a fault, which is reported there */
    private <T extends Resource> T known(Class<T> type, String name) {
        return Optional.ofNullable(account.resources().of(type).get(name)).orElseThrow(UnreadableException::new);
    }

    private static String reference(Mapping item, String key, String what, Names names) {
        String name = item.text(key);
        if (!names.has(name)) {
            String rule = "'" + key + "' '" + Shown.of(name) + "' is not " + what;
            throw item.refused(key, "unknown-name", rule, names.known());
        }
        return name;
    }

    private Target target(Mapping delivery, Authentication authentication) {
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
        if (authentication.equals(KAMELET)) {
            return HttpTargetReader.kamelet(delivery, delivery.inner(Target.Kamelet.DESTINATION));
        }
        return bound(delivery, HttpTargetReader.read(delivery, authentication.credentials(), signings), authentication);
    }

    /** Adds the OAuth client's certificate to the target if its tokens are bound to it. */
    private static Target bound(Mapping delivery, Target.Http http, Authentication authentication) {
        if (!(authentication.credentials() instanceof Authentication.OAuth2 oauth2)
                || !oauth2.client().bound()) {
            return http;
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
        return http.with(
                http.signing(), http.tls().withCertificateOf(oauth2.client().tls()));
    }
}
