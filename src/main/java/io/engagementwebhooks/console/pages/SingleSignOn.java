package io.engagementwebhooks.console.pages;

import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.SetUp;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Signing in by an OpenID provider: the authorization code flow with PKCE, state and nonce. What was begun belongs to the
 * browser that began it, is good once and for ten minutes, and is in memory. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth">OpenID Connect Core, section 3.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7636">RFC 7636</a>
 */
public final class SingleSignOn {

    /** What the names begin with of those who came by a provider; keys of the API may not be told from them otherwise. */
    static final String NAME_PREFIX = "sso:";

    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final int MOST_BEGUN = 1_000;
    private static final int RANDOM_BYTES = 32;
    private static final int LONGEST_NAME = 100;

    private final SingleSignOnSettings settings;
    private final OpenIdProvider provider;
    private final Supplier<SetUp> setUp;
    private final Clock clock;
    private final SecureRandom random;
    private final Map<String, Begun> begun = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Begun> eldest) {
            return size() > MOST_BEGUN;
        }
    };

    /** Sends a request, as everything is sent that leaves. */
    @FunctionalInterface
    public interface Sending {
        Answer send(OutgoingRequest request) throws IOException;
    }

    /** @param browser what the browser that began it has in a cookie @param then where it wanted to go */
    private record Begun(String browser, CodeVerifier verifier, Nonce nonce, String then, Instant at) {}

    /** A way to the provider. @param cookie to be kept by the browser until it returns */
    record Way(URI to, String cookie) {}

    /** Who came back. @param then where he wanted to go */
    record Arrived(Caller caller, String then) {}

    /** @param sending sends a request under the rules for all that leaves */
    public SingleSignOn(
            SingleSignOnSettings settings, Sending sending, Supplier<SetUp> setUp, Clock clock, SecureRandom random) {
        this.settings = settings;
        this.provider = new OpenIdProvider(settings, sending, clock);
        this.setUp = setUp;
        this.clock = clock;
        this.random = random;
    }

    /** Begins. @param then where the browser wants to go afterwards */
    Way begin(String then) throws SignInFailedException {
        String browser = random();
        String state = random();
        Begun now = new Begun(browser, new CodeVerifier(random()), new Nonce(random()), then, clock.instant());
        URI to = new AuthenticationRequest.Builder(
                        ResponseType.CODE,
                        new Scope(settings.scopes().toArray(String[]::new)),
                        new ClientID(settings.clientId()),
                        settings.redirect())
                .endpointURI(provider.authorizationEndpoint())
                .state(new State(state))
                .nonce(now.nonce())
                .codeChallenge(now.verifier(), CodeChallengeMethod.S256)
                .build()
                .toURI();
        synchronized (begun) {
            begun.put(state, now);
        }
        return new Way(to, browser);
    }

    /**
     * A browser came back.
     *
     * @param answer what the provider gave it along
     * @param browser the cookie of {@link #begin}, or an empty text
     */
    Arrived end(Form answer, String browser) throws SignInFailedException {
        Begun its = taken(answer.text("state"), browser);
        if (!answer.text("error").isEmpty()) {
            throw new SignInFailedException("the provider said: " + answer.text("error"));
        }
        String issuer = answer.text("iss");
        if (!issuer.isEmpty() && !issuer.equals(settings.issuer().toString())) {
            throw new SignInFailedException("the answer is of another provider");
        }
        if (answer.text("code").isEmpty()) {
            throw new SignInFailedException("the provider gave no code");
        }
        return new Arrived(caller(provider.claims(answer.text("code"), its.verifier(), its.nonce())), its.then());
    }

    /** Only by the browser that began it, and once. */
    private Begun taken(String state, String browser) throws SignInFailedException {
        Begun its;
        synchronized (begun) {
            its = begun.get(state);
            if (its == null
                    || !ApiKey.of("", ApiKey.Role.READ, secret(its.browser())).is(ApiKey.hash(browser))) {
                throw new SignInFailedException("this sign-in was not begun in this browser, or is over");
            }
            begun.remove(state);
        }
        if (clock.instant().isAfter(its.at().plus(LONGEST))) {
            throw new SignInFailedException("this sign-in took too long");
        }
        return its;
    }

    private static Secret secret(String text) {
        return Secret.of(text);
    }

    private Caller caller(IDTokenClaimsSet claims) throws SignInFailedException {
        List<String> accounts = texts(claims.getClaim(settings.accountClaim()));
        if (accounts.size() != 1) {
            throw new SignInFailedException("claim '" + settings.accountClaim() + "' must name one account");
        }
        Account account = setUp.get()
                .account(accounts.get(0))
                .orElseThrow(() -> new SignInFailedException(
                        "claim '" + settings.accountClaim() + "' names an account that is not set up here"));
        List<String> roles = texts(claims.getClaim(settings.roleClaim()));
        ApiKey.Role role =
                roles.contains("admin") ? ApiKey.Role.ADMIN : roles.contains("read") ? ApiKey.Role.READ : null;
        if (role == null) {
            throw new SignInFailedException("claim '" + settings.roleClaim() + "' must be admin or read");
        }
        String subject =
                claims.getIssuer().getValue() + "\n" + claims.getSubject().getValue();
        return new Caller(account, new ApiKey(NAME_PREFIX + name(claims), role, ApiKey.hash(subject), null));
    }

    /** The same as things are set up now; empty: his account is there no more. */
    Optional<Caller> still(Caller caller) {
        return setUp.get().account(caller.account().id()).map(account -> new Caller(account, caller.key()));
    }

    private static List<String> texts(Object claim) {
        if (claim instanceof String text) {
            return List.of(text);
        }
        return claim instanceof Collection<?> many
                ? many.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList()
                : List.of();
    }

    /** For people to read, in the audit log too. */
    private static String name(IDTokenClaimsSet claims) {
        String name = Optional.ofNullable(claims.getStringClaim("preferred_username"))
                .or(() -> Optional.ofNullable(claims.getStringClaim("email")))
                .orElse(claims.getSubject().getValue());
        String shown = name.replaceAll("\\p{Cntrl}", "").toLowerCase(Locale.ROOT);
        return shown.length() > LONGEST_NAME ? shown.substring(0, LONGEST_NAME) : shown;
    }

    private String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
