package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.webhook.Severity;
import io.engagementwebhooks.api.webhook.WebhookViews;
import io.engagementwebhooks.deliver.oauth2.CredentialAges;
import io.engagementwebhooks.deliver.oauth2.TokenResult;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.deliver.oauth2.TokenTest;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.ResourceKind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * The OAuth clients of the caller's account, without their secrets, and their tests. Thread-safe.
 *
 * @param trials limit of tests at a time
 */
public record OAuthClients(
        Supplier<Config> config,
        Definitions definitions,
        TokenSource tokens,
        CredentialAges ages,
        Clock clock,
        ConcurrencyLimit trials) {

    /** {@code GET /v1/oauth-clients}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            List<OAuthClient> all = config.get().oauthClients(request.account());
            ListView<OAuthClient> page =
                    Page.named(request, ResourceKind.OAUTH_CLIENT, all, OAuthClient::name, this::need);
            UsedBy.Index users = new UsedBy.Index(config.get().webhooks(request.account()));
            return page.map(client -> view(client, users));
        });
    }

    private Severity need(OAuthClient client) {
        return tokens.problem(client).isPresent()
                ? Severity.NOW
                : WebhookViews.endOfCertificate(client.tls())
                        .map(end -> Severity.atEnd(end, clock.instant()))
                        .orElse(Severity.NONE);
    }

    /** One by its name, for {@link DefinitionService}. */
    public OAuthClientView shown(String account, String name) {
        return view(asked(account, name), new UsedBy.Index(config.get().webhooks(account)));
    }

    /** {@code POST /v1/oauth-clients/{id or name}/test}: requests a token and discards it. */
    public Processor test() {
        return ApiStep.ok(request -> {
            OAuthClient client = asked(request.account(), definitions.name(request, ResourceKind.OAUTH_CLIENT));
            return trials.run(request.account(), () -> view(client, tokens.test(client)));
        });
    }

    /** {@code POST /v1/oauth-clients/test}: as above, for a definition that is not saved. */
    public Processor testDraft(DefinitionService editing) {
        return ApiStep.ok(request -> {
            JsonNode body = request.body(Set.of("definition", "client"));
            if (!(body.path("definition") instanceof ObjectNode definition)) {
                throw ApiRequest.badBody("the body lacks 'definition', the OAuth client to test as a JSON object");
            }
            OAuthClient client =
                    editing.draftClient(request, body.path("client").asText(""), definition);
            return trials.run(request.account(), () -> view(client, tokens.test(client)));
        });
    }

    private OAuthClient asked(String account, String name) {
        return Page.one(config.get().oauthClients(account), OAuthClient::name, name, ResourceKind.OAUTH_CLIENT);
    }

    private OAuthClientView view(OAuthClient client, UsedBy.Index users) {
        Instant since = ages.since(client).orElse(null);
        return new OAuthClientView(
                definitions
                        .id(client.account(), ResourceKind.OAUTH_CLIENT, client.name())
                        .orElse(null),
                client.name(),
                client.clientId(),
                PublicUrl.of(client.tokenUrl()),
                DeliveryView.text(WebhookViews.endOfCertificate(client.tls()).orElse(null)),
                DeliveryView.text(since),
                since == null ? null : Duration.between(since, clock.instant()).toDays(),
                tokens.last(client).map(OAuthClients::view).orElse(null),
                tokens.problem(client).orElse(null),
                users.ofClient(client.name()),
                definitions.managedBy(client.account(), ResourceKind.OAUTH_CLIENT, client.name()),
                definitions.defined(client.account(), ResourceKind.OAUTH_CLIENT, client.name()));
    }

    private static OAuthClientView.LastToken view(TokenResult result) {
        return new OAuthClientView.LastToken(
                DeliveryView.text(result.at()),
                result.problem() == null,
                result.problem(),
                DeliveryView.text(result.expiresAt()));
    }

    private static OAuthClientView.Test view(OAuthClient client, TokenTest test) {
        return new OAuthClientView.Test(
                test.problem() == null,
                test.problem(),
                test.message(),
                PublicUrl.of(client.tokenUrl()),
                test.life() == null ? null : test.life().toSeconds(),
                test.took().toMillis());
    }
}
