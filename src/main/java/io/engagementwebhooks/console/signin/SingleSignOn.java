package io.engagementwebhooks.console.signin;

import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import io.engagementwebhooks.api.Sealed;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.FailedKeys;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sign-in with an OpenID provider: authorization code flow with PKCE, state and nonce. An attempt is valid for one
 * sign-in and ten minutes. It is kept in a sealed cookie of its browser, so it may end at another instance, and abandoned
 * attempts cost no memory. The number of concurrent requests to the provider is limited. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth">OpenID Connect Core, section
 *     3.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7636">RFC 7636</a>
 */
public final class SingleSignOn {

    private static final Logger LOG = LoggerFactory.getLogger(SingleSignOn.class);

    public static final Duration LONGEST = Duration.ofMinutes(10);

    private static final int AT_A_TIME = 4;
    private static final int RANDOM_BYTES = 32;
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_CODE = 100;

    /** A browser may not store a larger cookie. */
    private static final int LONGEST_THEN = 1_000;

    private final SingleSignOnSettings settings;
    private final OpenIdProvider provider;
    private final Supplier<Config> config;
    private final Clock clock;
    private final SecureRandom random;
    private final FailedKeys failed;
    private final Sealed<Attempt> attempts;
    private final SessionStore store;
    private final ConcurrencyLimit asking = places(AT_A_TIME);

    /** For addresses with many failures: they do not block others, and can still sign in. */
    private final ConcurrencyLimit askingForDoubtful = places(1);

    /** Sends a request under the outbound request rules. */
    @FunctionalInterface
    public interface Sending {
        Answer send(OutgoingRequest request) throws IOException;
    }

    /** A started sign-in. @param at when, in milliseconds since 1970 @param then page to open after it */
    record Attempt(String state, String verifier, String nonce, long at, String then) {

        private Instant until() {
            return Instant.ofEpochMilli(at).plus(LONGEST);
        }
    }

    /** A redirect to the provider. @param cookie the browser keeps until it returns */
    public record ProviderRedirect(URI to, String cookie) {}

    /** A signed-in user. @param then page to open */
    public record SignedInUser(Caller caller, String then) {}

    /**
     * @param sending sends requests under the outbound request rules
     * @param store knows which attempts are complete
     * @param vault of the store
     */
    public SingleSignOn(
            SingleSignOnSettings settings,
            Sending sending,
            Supplier<Config> config,
            SessionStore store,
            Vault vault,
            Clock clock,
            SecureRandom random) {
        this.settings = settings;
        this.provider = new OpenIdProvider(settings, sending, clock);
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.failed = new FailedKeys(clock);
        this.store = store;
        this.attempts = new Sealed<>(vault.derived("sign-in state"), Attempt.class);
    }

    private static ConcurrencyLimit places(int most) {
        return new ConcurrencyLimit(most, "too-many-at-once", "too many users are signing in with the provider");
    }

    /**
     * Starts a sign-in.
     *
     * @param then page to open afterwards
     * @throws ProblemException if too many requests wait for the provider's metadata
     */
    public ProviderRedirect begin(String then) throws SignInFailedException {
        URI endpoint =
                provider.isKnown() ? provider.authorizationEndpoint() : asking.run(provider::authorizationEndpoint);
        Attempt attempt =
                new Attempt(random(), random(), random(), clock.millis(), then.length() > LONGEST_THEN ? "" : then);
        URI to = new AuthenticationRequest.Builder(
                        ResponseType.CODE,
                        new Scope(settings.scopes().toArray(String[]::new)),
                        new ClientID(settings.clientId()),
                        settings.redirect())
                .endpointURI(endpoint)
                .state(new State(attempt.state()))
                .nonce(new Nonce(attempt.nonce()))
                .codeChallenge(new CodeVerifier(attempt.verifier()), CodeChallengeMethod.S256)
                .build()
                .toURI();
        return new ProviderRedirect(to, attempts.seal(attempt));
    }

    /**
     * Finishes a sign-in.
     *
     * @param answer parameters from the provider
     * @param cookie of {@link #begin}, or empty
     * @param address of the client, as a literal: frequent failures are throttled
     * @throws ProblemException if too many users sign in, or too many sign-ins from that address failed
     */
    public SignedInUser end(Form answer, String cookie, String address) throws SignInFailedException {
        ConcurrencyLimit places = failed.isBlocked(address) ? askingForDoubtful : asking;
        try {
            return finish(answer, cookie, places);
        } catch (SignInFailedException e) {
            failed.failed(address).ifPresent(SingleSignOn::refuseForNow);
            throw e;
        }
    }

    private static void refuseForNow(Duration wait) {
        throw new ProblemException(Problem.tooMany(
                "too-many-failures", "too many sign-ins from your address failed; wait, then try again", wait));
    }

    private SignedInUser finish(Form answer, String cookie, ConcurrencyLimit places) throws SignInFailedException {
        Attempt attempt = attempt(answer.text("state"), cookie);
        if (!answer.text("error").isEmpty()) {
            throw new SignInFailedException("the provider reported: " + code(answer.text("error")));
        }
        String issuer = answer.text("iss");
        if (!issuer.isEmpty() && !issuer.equals(settings.issuer().toString())) {
            throw new SignInFailedException("the response is from another provider");
        }
        if (answer.text("code").isEmpty()) {
            throw new SignInFailedException("the provider sent no code");
        }
        Caller caller = caller(places.run(() -> provider.claims(
                answer.text("code"), new CodeVerifier(attempt.verifier()), new Nonce(attempt.nonce()))));
        if (!markUsed(attempt, caller)) {
            throw over();
        }
        return new SignedInUser(caller, attempt.then());
    }

    /**
     * Refuses the attempt from now on. If the store refuses changes, the provider still accepts a code only once.
     *
     * @return false: it was used before
     */
    private boolean markUsed(Attempt attempt, Caller caller) {
        try {
            return store.revoke(caller.account().id(), Sessions.holder(caller), attempt.state(), attempt.until());
        } catch (StoreException | CompletionException e) {
            LOG.warn(
                    "console.sign-in-not-recorded reason=\"{}\"",
                    Causes.unwrapped(e).getMessage());
            return true;
        }
    }

    /**
     * An error code with allowed characters only (RFC 6749, 4.1.2.1): any browser with a started sign-in can send one.
     */
    private static String code(String error) {
        String code = error.replaceAll("[^\\x20\\x21\\x23-\\x5B\\x5D-\\x7E]", "");
        return code.length() > LONGEST_CODE ? code.substring(0, LONGEST_CODE) : code;
    }

    /** Refuses a sign-in that another browser started. */
    private Attempt attempt(String state, String cookie) throws SignInFailedException {
        Attempt attempt = attempts.unseal(cookie).orElseThrow(SingleSignOn::over);
        if (!MessageDigest.isEqual(bytes(attempt.state()), bytes(state)) || store.isRevoked(state)) {
            throw over();
        }
        if (clock.instant().isAfter(attempt.until())) {
            throw new SignInFailedException("this sign-in took too long");
        }
        return attempt;
    }

    private static SignInFailedException over() {
        return new SignInFailedException("this sign-in was started in another browser, or has ended");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Caller caller(IDTokenClaimsSet claims) throws SignInFailedException {
        List<String> accounts = texts(claims.getClaim(settings.accountClaim()));
        if (accounts.size() != 1) {
            throw new SignInFailedException("claim '" + settings.accountClaim() + "' must name one account");
        }
        Account account = config.get()
                .account(accounts.get(0))
                .orElseThrow(() -> new SignInFailedException(
                        "claim '" + settings.accountClaim() + "' names an account that does not exist here"));
        List<String> roles = texts(claims.getClaim(settings.roleClaim()));
        ApiKey.Role role =
                roles.contains("admin") ? ApiKey.Role.ADMIN : roles.contains("read") ? ApiKey.Role.READ : null;
        if (role == null) {
            throw new SignInFailedException("claim '" + settings.roleClaim() + "' must be admin or read");
        }
        String subject =
                claims.getIssuer().getValue() + "\n" + claims.getSubject().getValue();
        String name = ApiKey.OF_PROVIDER + name(claims);
        Actor actor = new Actor(Actor.USER, claims.getSubject().getValue(), name);
        return new Caller(account, new ApiKey(name, role, ApiKey.hash(subject), null, actor));
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

    /** The user's name, for the audit log too. */
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
