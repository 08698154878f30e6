package io.engagementwebhooks.console;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.oauth2.CredentialAges;
import io.engagementwebhooks.deliver.oauth2.TokenResult;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.deliver.oauth2.TokenTest;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.TokenParameters;
import io.engagementwebhooks.webhook.TokenParameters.FormField;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** The OAuth clients of the caller's account, without their secrets, and asking for a token on trial. Thread-safe. */
final class OAuthClients {

    /** A trial holds one of the server's threads for up to ten seconds. */
    private static final int TRIALS_AT_A_TIME = 4;

    private final Supplier<Config> config;
    private final Definitions definitions;
    private final TokenSource tokens;
    private final CredentialAges ages;
    private final Clock clock;
    private final ConcurrencyLimit trials = ConcurrencyLimit.ofTests(TRIALS_AT_A_TIME);

    OAuthClients(ConfigSource config, ApiDefinitions made, TokenSource tokens, CredentialAges ages, Clock clock) {
        this.config = config;
        this.definitions = new Definitions(made, config);
        this.tokens = tokens;
        this.ages = ages;
        this.clock = clock;
    }

    /** {@code GET /v1/oauth-clients}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Page.Named<OAuthClient> page = Page.Named.of(
                    config.get().oauthClients(request.account()),
                    OAuthClient::name,
                    this::need,
                    request.parameters(Parameters.TEXT, Parameters.ATTENTION, Parameters.LIMIT, Parameters.CURSOR),
                    "oauth-clients\n" + request.account());
            return Page.of(
                    page.resources().stream()
                            .map(client -> definitions.with(
                                    view(client), client.account(), ResourceKind.OAUTH_CLIENT, client.name()))
                            .toList(),
                    page.next());
        });
    }

    private Severity need(OAuthClient client) {
        return tokens.problem(client).isPresent()
                ? Severity.NOW
                : TlsView.endOfCertificate(client.tls())
                        .map(end -> Severity.atEnd(end, clock.instant()))
                        .orElse(Severity.NONE);
    }

    /** {@code GET /v1/oauth-clients/{id or name}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            String name = definitions.name(request, ResourceKind.OAUTH_CLIENT);
            return Answered.ok(
                    definitions.version(request.account(), ResourceKind.OAUTH_CLIENT, name),
                    shown(request.account(), name));
        });
    }

    /** How one is shown, after a change too. */
    public DefinitionService.View view() {
        return request -> name -> shown(request.account(), name);
    }

    private Map<String, Object> shown(String account, String name) {
        return definitions.withDefinition(view(asked(account, name)), account, ResourceKind.OAUTH_CLIENT, name);
    }

    /** {@code POST /v1/oauth-clients/{id or name}/test}: asks for a token, which is thrown away. */
    public Processor test() {
        return ApiStep.ok(request -> {
            request.parameters();
            request.body(Set.of());
            OAuthClient client = asked(request);
            return trials.run(request.account(), () -> view(client, tokens.test(client)));
        });
    }

    private OAuthClient asked(ApiRequest request) {
        return asked(request.account(), definitions.name(request, ResourceKind.OAUTH_CLIENT));
    }

    private OAuthClient asked(String account, String name) {
        return config.get().oauthClients(account).stream()
                .filter(client -> client.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new ProblemException(Problem.notFound("this account has no OAuth client of that name or id")));
    }

    private Map<String, Object> view(OAuthClient client) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", client.name());
        view.put("clientId", client.clientId());
        view.put("tokenUrl", PublicUrl.of(client.tokenUrl()));
        view.put("authorizationMethod", client.credential().method());
        addDetails(view, client.credential());
        addParameters(view, client.parameters());
        view.put("tls", TlsView.of(client.tls()));
        view.put("certificateBoundTokens", client.bound());
        Instant since = ages.since(client).orElse(null);
        view.put("credentialSince", DeliveryView.text(since));
        view.put(
                "credentialAgeDays",
                since == null ? null : Duration.between(since, clock.instant()).toDays());
        view.put("lastToken", tokens.last(client).map(OAuthClients::view).orElse(null));
        view.put("problem", tokens.problem(client).orElse(null));
        return view;
    }

    private static void addDetails(Map<String, Object> view, ClientCredential credential) {
        if (credential instanceof ClientCredential.InHeader header) {
            view.put("encoding", header.encoding().name().toLowerCase(Locale.ROOT));
        } else if (credential instanceof ClientCredential.SignedAssertion assertion) {
            view.put("algorithm", assertion.algorithm().text());
            view.put("keyId", assertion.keyId().orElse(null));
            view.put("assertionAudience", assertion.audience().orElse(null));
        }
    }

    private static void addParameters(Map<String, Object> view, TokenParameters parameters) {
        view.put("scope", parameters.scope());
        view.put("audience", parameters.audience().orElse(null));
        view.put("resource", parameters.resources().stream().map(URI::toString).toList());
        Map<String, Object> further = new LinkedHashMap<>();
        for (FormField field : parameters.further()) {
            further.put(
                    field.name(),
                    field.shown() && !Redactor.isSensitive(field.name())
                            ? field.value().reveal()
                            : null);
        }
        view.put("parameters", further);
    }

    private static Map<String, Object> view(TokenResult result) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("at", DeliveryView.text(result.at()));
        view.put("ok", result.problem() == null);
        view.put("problem", result.problem());
        view.put("expiresAt", DeliveryView.text(result.expiresAt()));
        return view;
    }

    private static Map<String, Object> view(OAuthClient client, TokenTest test) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("ok", test.problem() == null);
        view.put("problem", test.problem());
        view.put("message", test.message());
        view.put("tokenUrl", PublicUrl.of(client.tokenUrl()));
        view.put("expiresIn", test.life() == null ? null : test.life().toSeconds());
        view.put("ms", test.took().toMillis());
        return view;
    }
}
