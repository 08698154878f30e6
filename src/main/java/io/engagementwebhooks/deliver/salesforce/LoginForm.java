package io.engagementwebhooks.deliver.salesforce;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.AssertionKey;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Builds the form of a token request, for each login flow.
 *
 * @see <a href="https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flows.htm">OAuth Authorization
 *     Flows</a>
 */
final class LoginForm {

    /** Lifetime of an assertion; Salesforce accepts at most three minutes. */
    private static final Duration JWT_LIFE = Duration.ofMinutes(2);

    private LoginForm() {}

    /** @param refreshTokens may hold a newer refresh token */
    static String of(SalesforceConnection connection, RefreshTokens refreshTokens, Clock clock) {
        return fields(connection, refreshTokens, clock).entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static Map<String, String> fields(
            SalesforceConnection connection, RefreshTokens refreshTokens, Clock clock) {
        Map<String, String> form = new LinkedHashMap<>();
        SalesforceLogin login = connection.login();
        if (login instanceof SalesforceLogin.JwtBearer jwt) {
            form.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
            form.put("assertion", assertion(connection, jwt, clock));
            return form;
        }
        form.put("client_id", connection.clientId());
        if (login instanceof SalesforceLogin.ClientCredentials credentials) {
            form.put("grant_type", "client_credentials");
            form.put("client_secret", credentials.clientSecret().reveal());
        } else if (login instanceof SalesforceLogin.RefreshToken refresh) {
            Secret token = refreshTokens.latest(connection).orElse(refresh.refreshToken());
            form.put("grant_type", "refresh_token");
            form.put("refresh_token", token.reveal());
            if (refresh.clientSecret() != null) {
                form.put("client_secret", refresh.clientSecret().reveal());
            }
        } else if (login instanceof SalesforceLogin.Password password) {
            form.put("grant_type", "password");
            form.put("client_secret", password.clientSecret().reveal());
            form.put("username", password.user());
            form.put("password", password.password().reveal());
        }
        return form;
    }

    private static String assertion(SalesforceConnection connection, SalesforceLogin.JwtBearer jwt, Clock clock) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(connection.clientId())
                .subject(jwt.user())
                .audience(jwt.audience())
                .expirationTime(Date.from(clock.instant().plus(JWT_LIFE)))
                .build();
        try {
            SignedJWT signed = new SignedJWT(new JWSHeader(JWSAlgorithm.RS256), claims);
            signed.sign(new RSASSASigner(AssertionKey.of(jwt.privateKey()).key()));
            return signed.serialize();
        } catch (JOSEException | IllegalArgumentException e) {
            throw LoginFault.lasting("the private key of the connection cannot sign");
        }
    }

    /** Advice for the customer after a refusal of this login flow. */
    static String advice(SalesforceLogin login, String errorCode) {
        boolean grant = errorCode.equals("invalid_grant");
        if (login instanceof SalesforceLogin.JwtBearer jwt && grant) {
            return "check that the app has the certificate of this key, that user '" + jwt.user()
                    + "' is approved for it in advance, and the audience " + jwt.audience();
        }
        if (login instanceof SalesforceLogin.RefreshToken && grant) {
            return "the refresh token has expired or was revoked: log in for the app again, and set the new one up";
        }
        if (login instanceof SalesforceLogin.Password && grant) {
            return "check user, password and security token, and whether the org allows this login still";
        }
        if (login instanceof SalesforceLogin.ClientCredentials && grant) {
            return "check that the login URL is the org's My Domain, and that the app names a user to run as";
        }
        return "check the connection's login URL, client id and "
                + (login instanceof SalesforceLogin.JwtBearer ? "private key" : "client secret")
                + ", and the connected app's policies";
    }
}
