package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.PortalSessions;
import io.engagementwebhooks.console.Sealed;
import io.engagementwebhooks.store.SettingStore;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.config.Vault;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A one-time sign-in link of an installation without a sign-in yet, valid for 15 minutes. Thread-safe. */
public final class SignInLink {

    /** The setting that the first sign-in stores. */
    private static final String SIGNED_IN = "console-signed-in";

    private static final int BYTES = 16;

    private final Supplier<Config> config;
    private final SettingStore settings;
    private final Sealed<Long> links;
    private final Clock clock;
    private final SecureRandom random;
    private volatile boolean isSignedIn;

    /** @param vault of the store */
    public SignInLink(Supplier<Config> config, SettingStore settings, Vault vault, Clock clock, SecureRandom random) {
        this.config = config;
        this.settings = settings;
        this.links = new Sealed<>(vault.derived("first sign-in link"), Long.class);
        this.clock = clock;
        this.random = random;
    }

    /** @return its path; empty: there was a sign-in, or the number of accounts with an admin key is not one */
    public Optional<String> offer() {
        long ends = clock.instant().plus(PortalSessions.LINK_LASTS).toEpochMilli();
        return caller().map(admin -> PortalSessions.LINK + links.seal(ends));
    }

    /** Whom a link signs in; empty: it is invalid or expired, or there was a sign-in. */
    Optional<Caller> caller(String token) {
        return links.unseal(token).filter(ends -> clock.millis() < ends).flatMap(valid -> caller());
    }

    /** Uses a link. */
    Optional<Caller> redeem(String token) {
        return caller(token).filter(admin -> signedIn());
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

    /** After a sign-in no link works. @return whether it is the first of this installation */
    boolean signedIn() {
        if (isSignedIn) {
            return false;
        }
        byte[] mine = new byte[BYTES];
        random.nextBytes(mine);
        byte[] first =
                settings.putIfAbsent(SIGNED_IN, mine).toCompletableFuture().join();
        isSignedIn = true;
        return Arrays.equals(first, mine);
    }
}
