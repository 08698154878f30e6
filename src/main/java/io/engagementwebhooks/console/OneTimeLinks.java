package io.engagementwebhooks.console;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.Caller;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Links that sign their holder in to the console once. Only their hashes are stored, in memory. Thread-safe. */
public final class OneTimeLinks {

    /** Lifetime of a link. */
    public static final Duration LASTS = Duration.ofMinutes(15);

    private static final String PATH = "/console/sign-in/link?token=";
    private static final int BYTES = 32;

    private final Clock clock;
    private final SecureRandom random;
    private final Map<String, Offer> byHash = new HashMap<>();
    private final Map<String, String> hashes = new HashMap<>();

    /**
     * The sign-in of a link.
     *
     * @param still the same caller by the current configuration; empty: the session has ended
     * @param portal the portal session of the link; empty: none
     */
    public record SignIn(
            Caller caller, Function<Caller, Optional<Caller>> still, Optional<PortalSessions.Portal> portal) {}

    private record Offer(String id, Instant until, Supplier<Optional<SignIn>> signIn) {}

    public OneTimeLinks(Clock clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * Creates a link; an earlier one of the same id stops working.
     *
     * @param signIn called when the link is used; empty: the link no longer works
     * @return its path
     */
    public synchronized String offer(String id, Supplier<Optional<SignIn>> signIn) {
        Instant now = clock.instant();
        withdraw(id);
        byHash.values().removeIf(offer -> {
            boolean isOver = !now.isBefore(offer.until);
            if (isOver) {
                hashes.remove(offer.id);
            }
            return isOver;
        });
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        String hash = hash(token);
        byHash.put(hash, new Offer(id, now.plus(LASTS), signIn));
        hashes.put(id, hash);
        return PATH + token;
    }

    /** Makes a link invalid. */
    public synchronized void withdraw(String id) {
        String hash = hashes.remove(id);
        if (hash != null) {
            byHash.remove(hash);
        }
    }

    /** The sign-in of a link, without using it. @return empty: it is unknown, used, invalid or expired */
    public Optional<SignIn> peek(String token) {
        Offer offer;
        synchronized (this) {
            offer = byHash.get(hash(token));
        }
        return signIn(offer);
    }

    /** Uses a link. @return empty: it is unknown, used, invalid or expired */
    public Optional<SignIn> redeem(String token) {
        Offer offer;
        synchronized (this) {
            offer = byHash.remove(hash(token));
            if (offer != null) {
                hashes.remove(offer.id);
            }
        }
        return signIn(offer);
    }

    private Optional<SignIn> signIn(Offer offer) {
        return offer == null || !clock.instant().isBefore(offer.until) ? Optional.empty() : offer.signIn.get();
    }

    private static String hash(String token) {
        return HexFormat.of().formatHex(Sha256.of(token));
    }
}
