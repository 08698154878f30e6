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
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.FailedKeys;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.config.Vault;
import io.engagementwebhooks.webhook.config.VaultFault;
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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Signing in by an OpenID provider: the authorization code flow with PKCE, state and nonce. What was begun is good for one sign-in
 * and for ten minutes, and is nowhere but in a cookie of the browser that began it, sealed: who begins and never comes back costs
 * nobody anything. The provider is asked for a few at a time. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth">OpenID Connect Core, section 3.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7636">RFC 7636</a>
 */
public final class SingleSignOn {

    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final int AT_A_TIME = 4;
    private static final int RANDOM_BYTES = 32;
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_CODE = 100;

    /** With more in it a browser may not keep the cookie. */
    private static final int LONGEST_THEN = 1_000;

    private final SingleSignOnSettings settings;
    private final OpenIdProvider provider;
    private final Supplier<Config> config;
    private final Clock clock;
    private final SecureRandom random;
    private final FailedKeys failed;
    private final Vault vault;
    private final ConcurrencyLimit asking = places(AT_A_TIME);

    /** Of addresses that failed often: they take no place of others, and who comes from there and may is not kept out. */
    private final ConcurrencyLimit askingForDoubtful = places(1);

    /** The sign-ins that have ended, by their states. */
    private final Map<String, Ended> ended = new HashMap<>();

    /** @param caller the key of who signed in @param begun when */
    private record Ended(ApiKey caller, Instant begun) {}

    /** Sends a request, as everything is sent that leaves. */
    @FunctionalInterface
    public interface Sending {
        Answer send(OutgoingRequest request) throws IOException;
    }

    /** @param then where the browser that began it wanted to go */
    private record Begun(String state, CodeVerifier verifier, Nonce nonce, Instant at, String then) {

        String text() {
            return String.join(
                    "\n", state, verifier.getValue(), nonce.getValue(), Long.toString(at.toEpochMilli()), then);
        }

        static Begun of(String text) {
            String[] parts = text.split("\n", 5);
            Instant at = Instant.ofEpochMilli(Long.parseLong(parts[3]));
            return new Begun(parts[0], new CodeVerifier(parts[1]), new Nonce(parts[2]), at, parts[4]);
        }
    }

    /** A way to the provider. @param cookie to be kept by the browser until it returns */
    record Way(URI to, String cookie) {}

    /** Who came back. @param then where he wanted to go */
    record Arrived(Caller caller, String then) {}

    /** @param sending sends a request under the rules for all that leaves */
    public SingleSignOn(
            SingleSignOnSettings settings, Sending sending, Supplier<Config> config, Clock clock, SecureRandom random) {
        this.settings = settings;
        this.provider = new OpenIdProvider(settings, sending, clock);
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.failed = new FailedKeys(clock);
        this.vault = Vault.of(Secret.of(Base64.getEncoder().encodeToString(randomBytes())), random);
    }

    private static ConcurrencyLimit places(int most) {
        return new ConcurrencyLimit(most, "too-many-at-once", "others sign in by the provider");
    }

    /**
     * Begins.
     *
     * @param then where the browser wants to go afterwards
     * @throws ProblemException if too many wait for the provider to tell of itself
     */
    Way begin(String then) throws SignInFailedException {
        URI endpoint =
                provider.isKnown() ? provider.authorizationEndpoint() : asking.run(provider::authorizationEndpoint);
        Begun now = new Begun(
                random(),
                new CodeVerifier(random()),
                new Nonce(random()),
                clock.instant(),
                then.length() > LONGEST_THEN ? "" : then);
        URI to = new AuthenticationRequest.Builder(
                        ResponseType.CODE,
                        new Scope(settings.scopes().toArray(String[]::new)),
                        new ClientID(settings.clientId()),
                        settings.redirect())
                .endpointURI(endpoint)
                .state(new State(now.state()))
                .nonce(now.nonce())
                .codeChallenge(now.verifier(), CodeChallengeMethod.S256)
                .build()
                .toURI();
        byte[] sealed = vault.seal(bytes(now.text()));
        return new Way(to, Base64.getUrlEncoder().withoutPadding().encodeToString(sealed));
    }

    /**
     * A browser came back.
     *
     * @param answer what the provider gave it along
     * @param cookie that of {@link #begin}, or an empty text
     * @param address where it comes from, as a literal: who fails often is slowed down
     * @throws ProblemException if too many others sign in, or too many from that address failed to
     */
    Arrived end(Form answer, String cookie, String address) throws SignInFailedException {
        ConcurrencyLimit places = failed.isSlowed(address) ? askingForDoubtful : asking;
        try {
            return ended(answer, cookie, places);
        } catch (SignInFailedException e) {
            failed.failed(address).ifPresent(SingleSignOn::refuseForNow);
            throw e;
        }
    }

    private static void refuseForNow(Duration wait) {
        throw new ProblemException(Problem.tooMany(
                "too-many-failures", "too many failed to sign in from your address; wait, then try again", wait));
    }

    private Arrived ended(Form answer, String cookie, ConcurrencyLimit places) throws SignInFailedException {
        Begun its = begun(answer.text("state"), cookie);
        if (!answer.text("error").isEmpty()) {
            throw new SignInFailedException("the provider said: " + code(answer.text("error")));
        }
        String issuer = answer.text("iss");
        if (!issuer.isEmpty() && !issuer.equals(settings.issuer().toString())) {
            throw new SignInFailedException("the answer is of another provider");
        }
        if (answer.text("code").isEmpty()) {
            throw new SignInFailedException("the provider gave no code");
        }
        IDTokenClaimsSet claims = places.run(() -> provider.claims(answer.text("code"), its.verifier(), its.nonce()));
        Caller caller = caller(claims);
        end(its, caller.key());
        return new Arrived(caller, its.then());
    }

    /** Of the signs that an error may have (RFC 6749, 4.1.2.1): whoever has begun may send any. */
    private static String code(String error) {
        String code = error.replaceAll("[^\\x20\\x21\\x23-\\x5B\\x5D-\\x7E]", "");
        return code.length() > LONGEST_CODE ? code.substring(0, LONGEST_CODE) : code;
    }

    /** Only by the browser that began it. */
    private Begun begun(String state, String cookie) throws SignInFailedException {
        Begun its = unsealed(cookie);
        if (!MessageDigest.isEqual(bytes(its.state()), bytes(state)) || hasEnded(state)) {
            throw over();
        }
        if (clock.instant().isAfter(its.at().plus(LONGEST))) {
            throw new SignInFailedException("this sign-in took too long");
        }
        return its;
    }

    private Begun unsealed(String cookie) throws SignInFailedException {
        try {
            return Begun.of(new String(vault.unseal(Base64.getUrlDecoder().decode(cookie)), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | VaultFault e) {
            throw over();
        }
    }

    private static SignInFailedException over() {
        return new SignInFailedException("this sign-in was not begun in this browser, or is over");
    }

    private boolean hasEnded(String state) {
        synchronized (ended) {
            return ended.containsKey(state);
        }
    }

    /** Once. Only who signs in is remembered, not longer than the cookie is good, and for one person a limited number of times. */
    private void end(Begun its, ApiKey caller) throws SignInFailedException {
        Instant eldest = clock.instant().minus(LONGEST);
        synchronized (ended) {
            ended.values().removeIf(one -> one.begun().isBefore(eldest));
            long often = ended.values().stream()
                    .filter(one -> one.caller().is(caller.sha256()))
                    .count();
            if (often >= Sessions.MOST_OF_A_KEY) {
                throw new ProblemException(Problem.tooMany(
                        "too-many-sign-ins", "you have signed in too often; wait, then try again", LONGEST));
            }
            if (ended.putIfAbsent(its.state(), new Ended(caller, its.at())) != null) {
                throw over();
            }
        }
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
                        "claim '" + settings.accountClaim() + "' names an account that is not set up here"));
        List<String> roles = texts(claims.getClaim(settings.roleClaim()));
        ApiKey.Role role =
                roles.contains("admin") ? ApiKey.Role.ADMIN : roles.contains("read") ? ApiKey.Role.READ : null;
        if (role == null) {
            throw new SignInFailedException("claim '" + settings.roleClaim() + "' must be admin or read");
        }
        String subject =
                claims.getIssuer().getValue() + "\n" + claims.getSubject().getValue();
        return new Caller(account, new ApiKey(ApiKey.OF_PROVIDER + name(claims), role, ApiKey.hash(subject), null));
    }

    /** The same as things are set up now; empty: his account is there no more. */
    Optional<Caller> still(Caller caller) {
        return config.get().account(caller.account().id()).map(account -> new Caller(account, caller.key()));
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
        return Base64.getUrlEncoder().withoutPadding().encodeToString(randomBytes());
    }

    private byte[] randomBytes() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }
}
