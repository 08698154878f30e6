package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A link that signs its holder in to the console once, in the first 15 minutes of a process, on an installation where nobody
 * has signed in yet. Only its hash is kept, in memory. Thread-safe.
 */
public final class SignInLink {

    /** How long a link is good. */
    static final Duration LASTS = Duration.ofMinutes(15);

    private static final int BYTES = 32;

    /** Whether this installation has had a sign-in, across restarts. */
    public interface SignIns {
        boolean any();

        void remember();
    }

    private final Supplier<Config> config;
    private final SignIns signIns;
    private final Clock clock;
    private final SecureRandom random;
    private final AtomicBoolean isRemembered = new AtomicBoolean();
    private byte[] hash;
    private Caller caller;
    private Instant until;

    public SignInLink(Supplier<Config> config, SignIns signIns, Clock clock, SecureRandom random) {
        this.config = config;
        this.signIns = signIns;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Makes the link of this process; one made before is void.
     *
     * @return its path; empty: there was a sign-in before, or not exactly one account has an admin key
     */
    public synchronized Optional<String> offer() {
        Optional<Caller> admin = signIns.any() ? Optional.empty() : onlyAdmin();
        if (admin.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        hash = Sha256.of(token);
        caller = admin.get();
        until = clock.instant().plus(LASTS);
        return Optional.of(PageRoutes.HOME + "/" + Pages.SIGN_IN + "/" + Pages.LINK + "?token=" + token);
    }

    private Optional<Caller> onlyAdmin() {
        Instant now = clock.instant();
        List<Caller> admins = config.get().accounts().values().stream()
                .flatMap(account -> admin(account, now).stream())
                .toList();
        return admins.size() == 1 ? Optional.of(admins.get(0)) : Optional.empty();
    }

    private static Optional<Caller> admin(Account account, Instant now) {
        return account.apiKeys().stream()
                .filter(key -> key.role() == ApiKey.Role.ADMIN && !key.hasEnded(now))
                .findFirst()
                .map(key -> new Caller(account, key));
    }

    /** Uses the link up. @return who signs in by it; empty: it is used, over, or another one */
    synchronized Optional<Caller> redeem(String token) {
        if (hash == null || !clock.instant().isBefore(until) || !MessageDigest.isEqual(hash, Sha256.of(token))) {
            return Optional.empty();
        }
        hash = null;
        // another instance on the same store may have had a link too
        return signIns.any() ? Optional.empty() : Optional.of(caller);
    }

    /** After a sign-in the link is void, and no start makes another one. */
    void signedIn() {
        synchronized (this) {
            hash = null;
        }
        if (isRemembered.compareAndSet(false, true)) {
            signIns.remember();
        }
    }

    /** Without the link. */
    @Override
    public String toString() {
        return "sign-in link";
    }
}
