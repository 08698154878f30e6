package io.engagementwebhooks.deliver.oauth2;

import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.JWTAuthentication;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.TokenParameters;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * Builds token requests of the client credentials grant.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2">RFC 6749 sections 4.4.2 and 2.3.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-2.2">RFC 7523 section 2.2</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8705#section-2">RFC 8705 section 2</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8707#section-2.2">RFC 8707 section 2.2</a>
 */
final class TokenRequests {

    private TokenRequests() {}

    /** @param now the issue time of an assertion */
    static OutgoingRequest of(OAuthClient client, Instant now, Instant deadline) {
        HTTPRequest built = built(client, now);
        byte[] form = built.getBody().getBytes(StandardCharsets.UTF_8);
        OutgoingRequest request =
                new OutgoingRequest(client.account(), client.tokenUrl(), "POST", form, deadline, client.tls());
        request.header("Content-Type", "application/x-www-form-urlencoded");
        request.header("Accept", "application/json");
        if (client.credential() instanceof ClientCredential.InHeader header) {
            request.header(
                    OutgoingRequest.AUTHORIZATION,
                    header.encoding() == Encoding.RFC6749
                            ? built.getAuthorization()
                            : "Basic "
                                    + TokenEndpoint.basic(
                                            client.clientId(),
                                            header.clientSecret().reveal()));
        }
        return request;
    }

    private static HTTPRequest built(OAuthClient client, Instant now) {
        TokenParameters parameters = client.parameters();
        TokenRequest.Builder request =
                new TokenRequest.Builder(client.tokenUrl(), authentication(client, now), new ClientCredentialsGrant());
        request.scope(parameters.scope().isBlank() ? null : Scope.parse(parameters.scope()));
        if (!parameters.resources().isEmpty()) {
            request.resources(parameters.resources().toArray(URI[]::new));
        }
        parameters.audience().ifPresent(audience -> request.customParameter("audience", audience));
        parameters
                .further()
                .forEach(field ->
                        request.customParameter(field.name(), field.value().reveal()));
        return request.build().toHTTPRequest();
    }

    private static ClientAuthentication authentication(OAuthClient client, Instant now) {
        ClientID id = new ClientID(client.clientId());
        ClientCredential credential = client.credential();
        if (credential instanceof ClientCredential.InHeader header) {
            return new ClientSecretBasic(id, new Secret(header.clientSecret().reveal()));
        }
        if (credential instanceof ClientCredential.InForm form) {
            return new ClientSecretPost(id, new Secret(form.clientSecret().reveal()));
        }
        if (credential instanceof ClientCredential.SignedAssertion assertion) {
            Map<String, String> fields = Map.of(
                    "client_assertion_type",
                    JWTAuthentication.CLIENT_ASSERTION_TYPE,
                    "client_assertion",
                    Assertions.sign(client, assertion, now));
            return new FormAuthentication(ClientAuthenticationMethod.PRIVATE_KEY_JWT, id, fields);
        }
        if (credential instanceof ClientCredential.Certificate certificate) {
            ClientAuthenticationMethod method = certificate.selfSigned()
                    ? ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH
                    : ClientAuthenticationMethod.TLS_CLIENT_AUTH;
            return new FormAuthentication(method, id, Map.of());
        }
        return new FormAuthentication(ClientAuthenticationMethod.NONE, id, Map.of());
    }
}
