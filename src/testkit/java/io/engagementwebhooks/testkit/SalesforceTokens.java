package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * The stand-in's token endpoint. Each rule names the page of Salesforce Help that it comes from:
 *
 * <ul>
 *   <li>[errors] OAuth 2.0 Error Codes
 *   <li>[cc] OAuth 2.0 Client Credentials Flow for Server-to-Server Integration
 *   <li>[jwt] OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration
 *   <li>[refresh] OAuth 2.0 Refresh Token Flow for Renewed Sessions
 *   <li>[password] OAuth 2.0 Username-Password Flow for Special Scenarios; Block Authorization Flows to Improve Security
 * </ul>
 *
 * Thread-safe.
 */
final class SalesforceTokens {

    private static final String ORG_ID = "00D000000000062EAA";
    private static final String JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final Duration LONGEST_JWT = Duration.ofMinutes(3);

    private final String clientSecret;
    private final AtomicInteger issued = new AtomicInteger();
    private String token;
    private UnaryOperator<ObjectNode> change = answer -> answer;
    private boolean sharedHost;
    private JwtUser jwtUser;
    private String refreshToken;
    private boolean rotates;
    private String passwordUser;
    private String password;

    private record JwtUser(RSAPublicKey key, String user, String audience, Clock clock) {}

    SalesforceTokens(String clientSecret) {
        this.clientSecret = clientSecret;
    }

    synchronized void change(UnaryOperator<ObjectNode> answers) {
        change = answers;
    }

    synchronized void revoke() {
        token = null;
    }

    synchronized void onSharedHost() {
        sharedHost = true;
    }

    synchronized void acceptJwt(RSAPublicKey key, String user, String audience, Clock clock) {
        jwtUser = new JwtUser(key, user, audience, clock);
    }

    synchronized void acceptRefreshToken(String good, boolean rotating) {
        refreshToken = good;
        rotates = rotating;
    }

    synchronized void acceptPassword(String user, String passwordAndToken) {
        passwordUser = user;
        password = passwordAndToken;
    }

    int issued() {
        return issued.get();
    }

    /** [errors] 401 INVALID_SESSION_ID: the session ID or OAuth token used has expired or is invalid. */
    synchronized boolean isGood(String authorization) {
        return token != null && (authorization.equals("Bearer " + token) || authorization.equals("OAuth " + token));
    }

    /** Answers a token, or throws. */
    synchronized ObjectNode grant(String method, String contentType, Map<String, String> form, URI url) {
        // [errors] POST, form-encoded; parameters in any other body are not seen
        if (!method.equals("POST") || !contentType.split(";")[0].trim().equals("application/x-www-form-urlencoded")) {
            throw new Refusal("unsupported_grant_type", "grant type not supported");
        }
        return switch (form.getOrDefault("grant_type", "")) {
            case "client_credentials" -> clientCredentials(form, url);
            case JWT_GRANT -> jwt(form, url);
            case "refresh_token" -> refresh(form, url);
            case "password" -> password(form, url);
            default -> throw new Refusal("unsupported_grant_type", "grant type not supported");
        };
    }

    private ObjectNode clientCredentials(Map<String, String> form, URI url) {
        // [cc] "use your My Domain URL": login.salesforce.com and test.salesforce.com do not take it
        if (sharedHost) {
            throw new Refusal("invalid_grant", "request not supported on this domain");
        }
        checkClient(form);
        return issue(url);
    }

    private void checkClient(Map<String, String> form) {
        // [errors] invalid_client_id: client identifier invalid
        if (!SalesforceStandIn.CLIENT_ID.equals(form.get("client_id"))) {
            throw new Refusal("invalid_client_id", "client identifier invalid");
        }
        // [errors] invalid_client: invalid client credentials
        if (!clientSecret.equals(form.get("client_secret"))) {
            throw new Refusal("invalid_client", "invalid client credentials");
        }
    }

    private ObjectNode jwt(Map<String, String> form, URI url) {
        try {
            SignedJWT assertion = SignedJWT.parse(form.getOrDefault("assertion", ""));
            JWTClaimsSet claims = assertion.getJWTClaimsSet();
            // [jwt] signed with RS256 by the private key of the certificate that the app has
            if (jwtUser == null
                    || !assertion.getHeader().getAlgorithm().getName().equals("RS256")
                    || !assertion.verify(new RSASSAVerifier(jwtUser.key))) {
                throw new Refusal("invalid_grant", "invalid assertion");
            }
            checkClaims(claims);
            return issue(url);
        } catch (ParseException | JOSEException e) {
            throw new Refusal("invalid_grant", "invalid assertion");
        }
    }

    private void checkClaims(JWTClaimsSet claims) {
        // [jwt] iss: the client_id of the app
        if (!SalesforceStandIn.CLIENT_ID.equals(claims.getIssuer())) {
            throw new Refusal("invalid_client_id", "client identifier invalid");
        }
        // [jwt] aud: https://login.salesforce.com, https://test.salesforce.com or the site's URL
        if (!List.of(jwtUser.audience).equals(claims.getAudience())) {
            throw new Refusal("invalid_grant", "audience is invalid");
        }
        // [jwt] exp: within 3 minutes
        Instant now = jwtUser.clock.instant();
        Instant expires = claims.getExpirationTime() == null
                ? Instant.MIN
                : claims.getExpirationTime().toInstant();
        if (expires.isBefore(now) || expires.isAfter(now.plus(LONGEST_JWT))) {
            throw new Refusal("invalid_grant", "expired authorization code");
        }
        // [jwt] sub: a user who is approved for the app beforehand
        if (!jwtUser.user.equals(claims.getSubject())) {
            throw new Refusal("invalid_grant", "user hasn't approved this consumer");
        }
    }

    private ObjectNode refresh(Map<String, String> form, URI url) {
        checkClient(form);
        // [refresh] with rotation the token before is invalid
        if (refreshToken == null || !refreshToken.equals(form.get("refresh_token"))) {
            throw new Refusal("invalid_grant", "expired access/refresh token");
        }
        ObjectNode answer = issue(url);
        if (rotates) {
            refreshToken = "rotated-" + issued.get();
            answer.put("refresh_token", refreshToken);
        }
        return answer;
    }

    private ObjectNode password(Map<String, String> form, URI url) {
        checkClient(form);
        // [password] blocked by default since Summer '23; else user, and password with the security token behind it
        if (passwordUser == null
                || !passwordUser.equals(form.get("username"))
                || !password.equals(form.get("password"))) {
            throw new Refusal("invalid_grant", "authentication failure");
        }
        return issue(url);
    }

    /** [cc] access_token, signature, instance_url, id, token_type, issued_at; no expires_in. */
    private ObjectNode issue(URI url) {
        token = "00D000000000062!token" + issued.incrementAndGet();
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("access_token", token);
        answer.put("signature", "c2lnbmF0dXJl");
        answer.put("instance_url", url.toString());
        answer.put("id", "https://login.salesforce.com/id/" + ORG_ID + "/005000000000001AAA");
        answer.put("token_type", "Bearer");
        answer.put("issued_at", "1795512667000");
        return change.apply(answer);
    }

    /** [errors] 400 with error and error_description. */
    static final class Refusal extends RuntimeException {

        private final String error;

        Refusal(String error, String description) {
            super(description);
            this.error = error;
        }

        String body() {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            return body.put("error", error)
                    .put("error_description", getMessage())
                    .toString();
        }
    }
}
