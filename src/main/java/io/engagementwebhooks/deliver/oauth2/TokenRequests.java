package io.engagementwebhooks.deliver.oauth2;

import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.webhook.OAuthClient;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/**
 * Builds token requests of the client credentials grant.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2">RFC 6749 sections 4.4.2 and 2.3.1</a>
 */
final class TokenRequests {

    private static final String AUTHORIZATION = "Authorization";

    private TokenRequests() {}

    static OutgoingRequest of(OAuthClient client, Instant deadline) {
        HTTPRequest built = new TokenRequest.Builder(
                        client.tokenUrl(), authentication(client), new ClientCredentialsGrant())
                .scope(client.scope().isBlank() ? null : Scope.parse(client.scope()))
                .build()
                .toHTTPRequest();
        byte[] form = built.getBody().getBytes(StandardCharsets.UTF_8);
        OutgoingRequest request = new OutgoingRequest(client.tokenUrl(), "POST", form, deadline);
        request.header("Content-Type", "application/x-www-form-urlencoded");
        request.header("Accept", "application/json");
        if (client.method() == OAuthClient.Method.HEADER) {
            request.header(AUTHORIZATION, basic(client, built));
        }
        return request;
    }

    private static ClientAuthentication authentication(OAuthClient client) {
        ClientID id = new ClientID(client.clientId());
        Secret secret = new Secret(client.clientSecret().reveal());
        return switch (client.method()) {
            case HEADER -> new ClientSecretBasic(id, secret);
            case BODY -> new ClientSecretPost(id, secret);
        };
    }

    private static String basic(OAuthClient client, HTTPRequest built) {
        if (client.encoding() == OAuthClient.Encoding.RFC6749) {
            return built.getAuthorization();
        }
        String pair = client.clientId() + ":" + client.clientSecret().reveal();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
