package io.engagementwebhooks.deliver.oauth2;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.ClientCredential.SignedAssertion;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;

/**
 * Signs client assertions, each for one request with a unique id.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-3">RFC 7523 section 3</a>
 */
final class Assertions {

    /** Lifetime of an assertion: long enough for clocks a minute apart, short since anyone who sees it can use it. */
    private static final Duration LIFETIME = Duration.ofMinutes(2);

    private Assertions() {}

    static String sign(OAuthClient client, SignedAssertion credential, Instant now) {
        JWSHeader header = new JWSHeader.Builder(
                        JWSAlgorithm.parse(credential.algorithm().text()))
                .type(JOSEObjectType.JWT)
                .keyID(credential.keyId().orElse(null))
                .build();
        String audience = credential.audience().orElse(client.tokenUrl().toString());
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(client.clientId())
                .subject(client.clientId())
                .audience(audience)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFETIME)))
                .jwtID(UUID.randomUUID().toString())
                .build();
        SignedJWT assertion = new SignedJWT(header, claims);
        try {
            assertion.sign(signer(credential));
        } catch (JOSEException e) {
            throw new IllegalStateException(client + ": its key was found fit for signing, but does not sign", e);
        }
        return assertion.serialize();
    }

    private static JWSSigner signer(SignedAssertion credential) throws JOSEException {
        PrivateKey key = credential.key().key();
        return switch (credential.algorithm()) {
            case RS256, RS384, RS512, PS256, PS384, PS512 -> new RSASSASigner(key);
            case ES256, ES384, ES512 -> new ECDSASigner((ECPrivateKey) key);
            case EDDSA -> new Ed25519(key);
        };
    }
}
