package io.engagementwebhooks.console.signin;

import io.engagementwebhooks.api.Sealed;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.definition.SettingStore;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A one-time sign-in link of an installation without a sign-in yet, valid for 15 minutes. Thread-safe. */
public final class SignInLink {

    private static final Logger LOG = LoggerFactory.getLogger(SignInLink.class);

    /** The setting that the first sign-in stores. */
    private static final String SIGNED_IN = "console-signed-in";

    private static final int BYTES = 16;

    private final Supplier<Config> config;
    private final SettingStore settings;
    private final Sealed<Link> links;
    private final Clock clock;
    private final SecureRandom random;
    private volatile boolean isSignedIn;

    /** A link. @param ends when, in milliseconds since 1970 @param key hash of the key that it signs in with */
    record Link(long ends, byte[] key) {}

    /** @param vault of the store */
    public SignInLink(Supplier<Config> config, SettingStore settings, Vault vault, Clock clock, SecureRandom random) {
        this.config = config;
        this.settings = settings;
        this.links = new Sealed<>(vault.derived("first sign-in link"), Link.class);
        this.clock = clock;
        this.random = random;
    }

    /** @return its path; empty: there was a sign-in, or the number of accounts with an admin key is not one */
    public Optional<String> offer() {
        long ends = clock.instant().plus(PortalSessions.LINK_LASTS).toEpochMilli();
        return caller().map(admin ->
                PortalSessions.LINK + links.seal(new Link(ends, admin.key().sha256())));
    }

    /** Whom a link signs in; empty: it is invalid or expired, or there was a sign-in. */
    public Optional<Caller> caller(String token) {
        return links.unseal(token).filter(link -> clock.millis() < link.ends()).flatMap(link -> caller().filter(
                        admin -> admin.key().is(link.key())));
    }

    /** Uses a link. @throws CompletionException if the store does not record it */
    public Optional<Caller> redeem(String token) {
        return caller(token).filter(admin -> recordFirst());
    }

    private Optional<Caller> caller() {
        return settings.setting(SIGNED_IN).isPresent() ? Optional.empty() : onlyAdmin();
    }

    private Optional<Caller> onlyAdmin() {
        Instant now = clock.instant();
        List<Caller> admins = config.get().accounts().values().stream()
                .flatMap(account -> account.apiKeys().stream()
                        .filter(key -> key.role() == ApiKey.Role.ADMIN && !key.hasEnded(now))
                        .limit(1)
                        .map(key -> new Caller(account, key)))
                .toList();
        return admins.size() == 1 ? Optional.of(admins.get(0)) : Optional.empty();
    }

    /** Records a sign-in by other means: after it no link works. If the store refuses, the next sign-in records it. */
    public void signedIn() {
        if (isSignedIn) {
            return;
        }
        try {
            if (settings.setting(SIGNED_IN).isEmpty()) {
                recordFirst();
            }
            isSignedIn = true;
        } catch (StoreException | CompletionException e) {
            LOG.warn(
                    "console.sign-in-not-recorded reason=\"{}\"",
                    Causes.unwrapped(e).getMessage());
        }
    }

    /** @return whether it is the first sign-in of this installation */
    private boolean recordFirst() {
        byte[] mine = new byte[BYTES];
        random.nextBytes(mine);
        byte[] first =
                settings.putIfAbsent(SIGNED_IN, mine).toCompletableFuture().join();
        return Arrays.equals(first, mine);
    }
}
