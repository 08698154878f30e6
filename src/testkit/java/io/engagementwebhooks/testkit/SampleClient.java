package io.engagementwebhooks.testkit;

import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.auth.TokenParameters;
import java.net.URI;

/** An OAuth client for tests; what a test is about is replaced. Immutable. */
public record SampleClient(
        String account, String name, URI tokenUrl, String id, ClientCredential credential, TokenParameters parameters) {

    /** Authenticates by id and secret in the header, form-encoded. */
    public SampleClient(URI tokenUrl, String id, String secret) {
        this(
                SampleDelivery.ACCOUNT,
                "crm",
                tokenUrl,
                id,
                new ClientCredential.InHeader(Secret.of(secret), Encoding.RFC6749),
                TokenParameters.scope("calls:write"));
    }

    public SampleClient of(String other) {
        return new SampleClient(other, name, tokenUrl, id, credential, parameters);
    }

    public SampleClient named(String other) {
        return new SampleClient(account, other, tokenUrl, id, credential, parameters);
    }

    public SampleClient by(ClientCredential other) {
        return new SampleClient(account, name, tokenUrl, id, other, parameters);
    }

    public SampleClient scope(String scope) {
        return asking(TokenParameters.scope(scope));
    }

    public SampleClient asking(TokenParameters other) {
        return new SampleClient(account, name, tokenUrl, id, credential, other);
    }

    public OAuthClient client() {
        Tls tls = credential instanceof ClientCredential.Certificate certificate ? certificate.tls() : Tls.DEFAULT;
        return new OAuthClient(account, name, id, credential, tokenUrl, parameters, tls, false);
    }
}
