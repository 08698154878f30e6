package io.engagementwebhooks.console.signin;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An OpenID provider, called under the outbound request rules. Its metadata and keys are cached for an hour; an unknown
 * key id fetches the keys again. Requests are limited in frequency. Thread-safe.
 */
final class OpenIdProvider {

    private static final Duration TIME_OUT = Duration.ofSeconds(10);
    private static final Duration KEPT = Duration.ofHours(1);

    /** Minimum time between requests for metadata and keys: each blocks a thread. */
    private static final Duration REST = Duration.ofSeconds(10);

    private static final int CLOCK_SKEW_S = 60;

    /** Algorithms of key pairs: a token signed with the client's secret, or unsigned, is refused. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Stream.concat(
                    JWSAlgorithm.Family.RSA.stream(),
                    Stream.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512, JWSAlgorithm.EdDSA))
            .collect(Collectors.toUnmodifiableSet());

    private final SingleSignOnSettings settings;
    private final SingleSignOn.Sending sending;
    private final Clock clock;
    private volatile ProviderData known;
    private Failure failure;

    private record ProviderData(OIDCProviderMetadata metadata, JWKSource<SecurityContext> keys, Instant at) {}

    /** Why the metadata is not available. */
    private record Failure(String why, Instant at) {}

    OpenIdProvider(SingleSignOnSettings settings, SingleSignOn.Sending sending, Clock clock) {
        this.settings = settings;
        this.sending = sending;
        this.clock = clock;
    }

    /** Whether the metadata is cached. */
    boolean isKnown() {
        return isKept(known);
    }

    /** Where browsers sign in. */
    URI authorizationEndpoint() throws SignInFailedException {
        return known().metadata().getAuthorizationEndpointURI();
    }

    /**
     * Exchanges a code for the ID token's claims.
     *
     * @param nonce sent with the authorization request
     * @return validated: signature, issuer, audience, expiry and nonce
     * @throws SignInFailedException if there are none
     */
    IDTokenClaimsSet claims(String code, CodeVerifier verifier, Nonce nonce) throws SignInFailedException {
        ProviderData now = known();
        OIDCTokenResponse tokens = tokens(now.metadata(), code, verifier);
        if (!(tokens.getOIDCTokens().getIDToken() instanceof SignedJWT token)) {
            throw new SignInFailedException("the provider's ID token is not signed");
        }
        try {
            IDTokenValidator validator = new IDTokenValidator(
                    new Issuer(settings.issuer()),
                    new ClientID(settings.clientId()),
                    new JWSVerificationKeySelector<>(ALGORITHMS, now.keys()),
                    null);
            validator.setMaxClockSkew(CLOCK_SKEW_S);
            return validator.validate(token, nonce);
        } catch (BadJWTException e) {
            // the library's message quotes the token
            throw new SignInFailedException(
                    "the provider's ID token is invalid: its issuer, audience, time or nonce is wrong");
        } catch (KeySourceException e) {
            throw new SignInFailedException("the provider's keys cannot be fetched: " + e.getMessage());
        } catch (BadJOSEException | JOSEException e) {
            throw new SignInFailedException(
                    "the provider's ID token is invalid: it is not signed with a key of the provider");
        }
    }

    private OIDCTokenResponse tokens(OIDCProviderMetadata metadata, String code, CodeVerifier verifier)
            throws SignInFailedException {
        URI endpoint = metadata.getTokenEndpointURI();
        AuthorizationCodeGrant grant =
                new AuthorizationCodeGrant(new AuthorizationCode(code), settings.redirect(), verifier);
        ClientID id = new ClientID(settings.clientId());
        TokenRequest.Builder builder = settings.clientSecret()
                .map(secret -> new TokenRequest.Builder(endpoint, authentication(metadata, id, secret), grant))
                .orElseGet(() -> new TokenRequest.Builder(endpoint, id, grant));
        HTTPRequest built = builder.build().toHTTPRequest();
        byte[] form = built.getBody().getBytes(StandardCharsets.UTF_8);
        OutgoingRequest request = new OutgoingRequest(OutgoingRequest.OPERATOR, endpoint, "POST", form, deadline());
        request.header("Content-Type", "application/x-www-form-urlencoded");
        request.header("Accept", "application/json");
        if (built.getAuthorization() != null) {
            request.credential("Authorization", built.getAuthorization());
        }
        Answer answer = send(request, "token endpoint");
        HTTPResponse response = new HTTPResponse(answer.status());
        response.setHeader("Content-Type", "application/json");
        response.setBody(text(answer));
        try {
            var parsed = OIDCTokenResponseParser.parse(response);
            if (!parsed.indicatesSuccess()) {
                throw new SignInFailedException("the provider refused the code: "
                        + parsed.toErrorResponse().getErrorObject().getCode());
            }
            return (OIDCTokenResponse) parsed.toSuccessResponse();
        } catch (GeneralException e) {
            throw new SignInFailedException(
                    "the provider's token endpoint answered " + answer.status() + " without an ID token");
        }
    }

    /** The method that the provider supports; the header if it does not say. */
    private static ClientAuthentication authentication(OIDCProviderMetadata metadata, ClientID id, Secret secret) {
        var known = metadata.getTokenEndpointAuthMethods();
        var clientSecret = new com.nimbusds.oauth2.sdk.auth.Secret(secret.reveal());
        boolean inForm = known != null
                && !known.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                && known.contains(ClientAuthenticationMethod.CLIENT_SECRET_POST);
        return inForm ? new ClientSecretPost(id, clientSecret) : new ClientSecretBasic(id, clientSecret);
    }

    private ProviderData known() throws SignInFailedException {
        ProviderData now = known;
        return isKept(now) ? now : refreshed();
    }

    private synchronized ProviderData refreshed() throws SignInFailedException {
        if (!isKept(known)) {
            known = asked();
        }
        return known;
    }

    private boolean isKept(ProviderData some) {
        return some != null && !clock.instant().isAfter(some.at().plus(KEPT));
    }

    private ProviderData asked() throws SignInFailedException {
        if (failure != null && isWithinRest(failure.at())) {
            throw new SignInFailedException(failure.why());
        }
        try {
            ProviderData fetched = fetched();
            failure = null;
            return fetched;
        } catch (SignInFailedException e) {
            failure = new Failure(e.getMessage(), clock.instant());
            throw e;
        }
    }

    /** A clock that was set back counts as due. */
    private boolean isWithinRest(Instant at) {
        return Duration.between(at, clock.instant()).abs().compareTo(REST) < 0;
    }

    private ProviderData fetched() throws SignInFailedException {
        String issuer = settings.issuer().toString();
        URI description =
                URI.create((issuer.endsWith("/") ? issuer : issuer + "/") + ".well-known/openid-configuration");
        try {
            OIDCProviderMetadata metadata = OIDCProviderMetadata.parse(text(get(description)));
            if (!metadata.getIssuer().getValue().equals(issuer)) {
                throw new SignInFailedException(
                        "the provider at " + description + " has another issuer: " + metadata.getIssuer());
            }
            if (metadata.getAuthorizationEndpointURI() == null || metadata.getTokenEndpointURI() == null) {
                throw new SignInFailedException(
                        "the provider's metadata lacks the authorization or the token endpoint");
            }
            return new ProviderData(metadata, keys(metadata.getJWKSetURI().toURL()), clock.instant());
        } catch (GeneralException | MalformedURLException | IllegalArgumentException e) {
            throw new SignInFailedException("the provider's metadata cannot be read");
        }
    }

    /** Its keys, fetched when first needed. */
    private JWKSource<SecurityContext> keys(URL url) {
        return JWKSourceBuilder.create(url, this::keySet)
                .cache(KEPT.toMillis(), TIME_OUT.toMillis())
                .refreshAheadCache(false)
                .rateLimited(REST.toMillis())
                .build();
    }

    private Resource keySet(URL url) throws IOException {
        try {
            return new Resource(text(get(URI.create(url.toString()))), "application/jwk-set+json");
        } catch (SignInFailedException e) {
            throw new IOException(e.getMessage());
        }
    }

    private Answer get(URI url) throws SignInFailedException {
        OutgoingRequest request = new OutgoingRequest(OutgoingRequest.OPERATOR, url, "GET", new byte[0], deadline());
        request.header("Accept", "application/json");
        Answer answer = send(request, "description");
        if (answer.status() != 200) {
            throw new SignInFailedException("the provider answered " + answer.status() + " at " + url);
        }
        return answer;
    }

    private Answer send(OutgoingRequest request, String what) throws SignInFailedException {
        try {
            return sending.send(request);
        } catch (IOException | RuntimeException e) {
            NotPublicLog.note(e, "(operator)", "webhooks.console.oidc.issuer");
            throw new SignInFailedException("the provider's " + what + " cannot be reached: " + e.getMessage());
        }
    }

    private Instant deadline() {
        return clock.instant().plus(TIME_OUT);
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
