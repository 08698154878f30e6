package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.OneTimeLinks;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A one-time sign-in link, valid for the first 15 minutes of a process, on an installation without a sign-in yet.
 * Thread-safe.
 */
public final class SignInLink {

    private static final String ID = "first-start";

    /** Records, across restarts, whether this installation has had a sign-in. */
    public interface SignIns {
        boolean any();

        void remember();
    }

    private final Supplier<Config> config;
    private final SignIns signIns;
    private final OneTimeLinks links;
    private final Function<Caller, Optional<Caller>> still;
    private final Clock clock;
    private final AtomicBoolean isRemembered = new AtomicBoolean();

    /** @param still the same caller by the current configuration; empty: the key was deleted */
    public SignInLink(
            Supplier<Config> config,
            SignIns signIns,
            OneTimeLinks links,
            Function<Caller, Optional<Caller>> still,
            Clock clock) {
        this.config = config;
        this.signIns = signIns;
        this.links = links;
        this.still = still;
        this.clock = clock;
    }

    /**
     * Creates the link of this process; a previous one stops working.
     *
     * @return its path; empty: there was a sign-in before, or the number of accounts with an admin key is not one
     */
    public Optional<String> offer() {
        Optional<Caller> admin = signIns.any() ? Optional.empty() : onlyAdmin();
        return admin.map(caller -> links.offer(ID, () -> signIn(caller)));
    }

    /** Another instance on the same store may have had a link too. */
    private Optional<OneTimeLinks.SignIn> signIn(Caller caller) {
        return signIns.any()
                ? Optional.empty()
                : still.apply(caller).map(now -> new OneTimeLinks.SignIn(now, still, Optional.empty()));
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

    /** After a sign-in the link stops working, and no start creates another one. */
    void signedIn() {
        links.withdraw(ID);
        if (isRemembered.compareAndSet(false, true)) {
            signIns.remember();
        }
    }
}
