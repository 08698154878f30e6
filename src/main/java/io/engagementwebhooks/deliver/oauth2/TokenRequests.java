package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.auth.TokenParameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.StringJoiner;

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
        StringJoiner form = new StringJoiner("&");
        addGrant(form, client.parameters());
        addAuthentication(form, client, now);
        byte[] body = form.toString().getBytes(StandardCharsets.US_ASCII);
        OutgoingRequest request =
                new OutgoingRequest(client.account(), client.tokenUrl(), "POST", body, deadline, client.tls());
        request.header("Content-Type", "application/x-www-form-urlencoded");
        request.header("Accept", "application/json");
        if (client.credential() instanceof ClientCredential.InHeader header) {
            request.header(OutgoingRequest.AUTHORIZATION, "Basic " + basic(client.clientId(), header));
        }
        return request;
    }

    private static void addGrant(StringJoiner form, TokenParameters parameters) {
        add(form, "grant_type", "client_credentials");
        if (!parameters.scope().isBlank()) {
            add(form, "scope", parameters.scope().strip());
        }
        parameters.resources().forEach(resource -> add(form, "resource", resource.toString()));
        parameters.audience().ifPresent(audience -> add(form, "audience", audience));
        parameters
                .further()
                .forEach(field -> add(form, field.name(), field.value().reveal()));
    }

    /** The client id beside an assertion or a certificate is optional; some servers require it. */
    private static void addAuthentication(StringJoiner form, OAuthClient client, Instant now) {
        ClientCredential credential = client.credential();
        if (credential instanceof ClientCredential.InHeader) {
            return;
        }
        add(form, "client_id", client.clientId());
        if (credential instanceof ClientCredential.InForm secret) {
            add(form, "client_secret", secret.clientSecret().reveal());
        } else if (credential instanceof ClientCredential.SignedAssertion assertion) {
            add(form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            add(form, "client_assertion", Assertions.sign(client, assertion, now));
        }
    }

    private static void add(StringJoiner form, String name, String value) {
        form.add(encoded(name) + '=' + encoded(value));
    }

    private static String basic(String clientId, ClientCredential.InHeader header) {
        String secret = header.clientSecret().reveal();
        return header.encoding() == Encoding.RFC6749
                ? basic(encoded(clientId), encoded(secret))
                : basic(clientId, secret);
    }

    /** The credentials of HTTP's Basic authentication. */
    static String basic(String user, String password) {
        return Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
