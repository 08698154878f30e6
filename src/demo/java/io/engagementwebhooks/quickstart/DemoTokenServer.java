package io.engagementwebhooks.quickstart;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import java.io.IOException;
import java.net.InetAddress;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.OAuth2Exception;
import no.nav.security.mock.oauth2.token.OAuth2TokenCallback;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;

/**
 * An OAuth2 server that issues signed tokens to one client, and the check that a resource server makes of them, by the
 * keys that the server publishes. Thread-safe.
 */
final class DemoTokenServer implements AutoCloseable {

    static final String CLIENT_ID = "webhooks";
    static final String SCOPE = "calls:write";

    private static final String ISSUER = "crm";
    private static final String AUDIENCE = "calls-api";

    /** Held, since java.util.logging forgets the level of a logger that no one holds. */
    private static final Logger SERVER_LOG = Logger.getLogger("okhttp3.mockwebserver.MockWebServer");

    private final MockOAuth2Server server;
    private final DefaultJWTProcessor<SecurityContext> tokens;

    private DemoTokenServer(MockOAuth2Server server) {
        this.server = server;
        this.tokens = verifier(server);
    }

    /** Starts one on a free port of 127.0.0.1 that gives tokens for this secret in the Authorization header. */
    static DemoTokenServer start(String clientSecret) throws IOException {
        SERVER_LOG.setLevel(Level.WARNING);
        MockOAuth2Server server = new MockOAuth2Server(new OAuth2Config(
                false, null, null, false, new OAuth2TokenProvider(), Set.of(new OneClient(clientSecret))));
        server.start(InetAddress.getByName("127.0.0.1"), 0);
        return new DemoTokenServer(server);
    }

    /** What the configuration file calls the authentication endpoint; the token path is {@code /token}. */
    String authenticationEndpoint() {
        return server.issuerUrl(ISSUER).toString();
    }

    /** Why a request with this Authorization header is not let in, or empty. */
    Optional<String> refusal(String authorization) {
        if (authorization == null || !authorization.startsWith("Bearer ")) {
            return Optional.of("no bearer token");
        }
        try {
            JWTClaimsSet claims = tokens.process(authorization.substring("Bearer ".length()), null);
            boolean inScope = List.of(claims.getStringClaim("scope").split(" ")).contains(SCOPE);
            return inScope ? Optional.empty() : Optional.of("the token is not for " + SCOPE);
        } catch (ParseException | BadJOSEException | JOSEException e) {
            return Optional.of("the token is refused: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        server.shutdown();
    }

    private static DefaultJWTProcessor<SecurityContext> verifier(MockOAuth2Server server) {
        DefaultJWTProcessor<SecurityContext> verifier = new DefaultJWTProcessor<>();
        verifier.setJWSKeySelector(new JWSVerificationKeySelector<>(
                JWSAlgorithm.RS256,
                JWKSourceBuilder.create(server.jwksUrl(ISSUER).url()).build()));
        verifier.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                AUDIENCE,
                new JWTClaimsSet.Builder()
                        .issuer(server.issuerUrl(ISSUER).toString())
                        .build(),
                Set.of("exp", "scope")));
        return verifier;
    }

    /** Gives tokens to one client; they live 300 s, as a call-tracking vendor's do. */
    private record OneClient(String secret) implements OAuth2TokenCallback {

        @Override
        public String issuerId() {
            return ISSUER;
        }

        @Override
        public String subject(TokenRequest request) {
            if (request.getClientAuthentication() instanceof ClientSecretBasic basic
                    && basic.getClientID().getValue().equals(CLIENT_ID)
                    && basic.getClientSecret().getValue().equals(secret)) {
                return CLIENT_ID;
            }
            throw new OAuth2Exception(OAuth2Error.INVALID_CLIENT, "unknown client or wrong secret");
        }

        @Override
        public String typeHeader(TokenRequest request) {
            return "JWT";
        }

        @Override
        public List<String> audience(TokenRequest request) {
            return List.of(AUDIENCE);
        }

        @Override
        public Map<String, Object> addClaims(TokenRequest request) {
            return request.getScope() == null
                    ? Map.of("scope", "")
                    : Map.of("scope", request.getScope().toString());
        }

        @Override
        public long tokenExpiry() {
            return 300;
        }

        @Override
        public String toString() {
            return "client " + CLIENT_ID;
        }
    }
}
