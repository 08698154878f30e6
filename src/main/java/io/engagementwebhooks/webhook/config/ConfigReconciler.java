package io.engagementwebhooks.webhook.config;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Selects which configuration file of several processes on one store is active for all of them.
 *
 * <ul>
 *   <li>A content that was never active is a change, and is active from now on, on whichever process it is seen first.
 *   <li>One that held before is an old file that has not been exchanged yet, and changes nothing. It was put back on
 *       purpose where a file is changed to it that said something later before.
 *   <li>What no running process's file says any more has been taken back: at a start at once, and where it runs after a
 *       while, the file that is there holds.
 * </ul>
 *
 * So while files are being exchanged the newest content holds, and where all are the same, theirs does. Not thread-safe.
 */
final class ConfigReconciler {

    /** How long the active configuration may be unclaimed before another one becomes active: a restart takes less. */
    static final Duration UNSAID = Duration.ofSeconds(30);

    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final LastKnownGoodConfig kept;
    private final Sharing sharing;
    private final Vault vault;
    private final LongSupplier nanos;
    private StoredConfig ours;
    private long ourGeneration;
    private Long unsaidSince;

    ConfigReconciler(LastKnownGoodConfig kept, Sharing sharing, Vault vault, LongSupplier nanos) {
        this.kept = kept;
        this.sharing = sharing;
        this.vault = vault;
        this.nanos = nanos;
    }

    /** What holds, and whether our file says it. */
    record Held(ReplicatedConfig shared, boolean isOurs) {}

    /**
     * Our file has this content now.
     *
     * @return what holds: it, or another one
     */
    Held offer(StoredConfig content) {
        Held held = offered(content);
        ours = content;
        return held;
    }

    private Held offered(StoredConfig content) {
        ReplicatedConfig now = held();
        if (!mustHold(now, content)) {
            return agree(now, content);
        }
        long end = nanos.getAsLong() + LONGEST_WAIT_NANOS;
        while (!sharing.begin()) {
            if (nanos.getAsLong() - end > 0) {
                throw new IllegalStateException("another instance is about to share its configuration");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        try {
            ReplicatedConfig last = held();
            return mustHold(last, content) ? share(last, content) : agree(last, content);
        } finally {
            sharing.end();
        }
    }

    private boolean mustHold(ReplicatedConfig now, StoredConfig content) {
        if (now == null) {
            return true;
        }
        long generation = now.generationOf(content).orElse(0L);
        if (generation == 0) {
            return true;
        }
        return generation != now.generation()
                && (ours == null || ours.fingerprint().equals(content.fingerprint())
                        ? !sharing.isSaid(now.generation())
                        : generation < ourGeneration);
    }

    private Held agree(ReplicatedConfig now, StoredConfig content) {
        ourGeneration = now.generationOf(content).orElse(0L);
        sharing.say(ourGeneration);
        return new Held(now, ourGeneration == now.generation());
    }

    private Held share(ReplicatedConfig before, StoredConfig content) {
        long generation = 1 + Math.max(before == null ? 0 : before.generation(), sharing.generation());
        ReplicatedConfig next = ReplicatedConfig.after(before, content, generation);
        try {
            // first, so that no process finds it unclaimed
            sharing.say(generation);
            sharing.save(vault.seal(next.toBytes()), generation);
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
        ourGeneration = generation;
        return new Held(next, true);
    }

    /** What holds, where it is another generation than the one given. */
    Optional<Held> otherThan(long generation) {
        if (sharing.generation() == generation) {
            return Optional.empty();
        }
        ReplicatedConfig now = held();
        return now == null || now.generation() == generation
                ? Optional.empty()
                : Optional.of(new Held(now, ours != null && now.generation() == generationOfOurs(now)));
    }

    private long generationOfOurs(ReplicatedConfig now) {
        ourGeneration = now.generationOf(ours).orElse(0L);
        sharing.say(ourGeneration);
        return ourGeneration;
    }

    /** Activates our file if the active configuration was unclaimed for a while. */
    Optional<Held> takenBack(long generation) {
        if (ours == null || ourGeneration == generation || sharing.isSaid(generation)) {
            unsaidSince = null;
            return Optional.empty();
        }
        long now = nanos.getAsLong();
        if (unsaidSince == null) {
            unsaidSince = now;
        }
        if (now - unsaidSince < UNSAID.toNanos()) {
            return Optional.empty();
        }
        unsaidSince = null;
        return Optional.of(offer(ours));
    }

    private ReplicatedConfig held() {
        Optional<byte[]> sealed = kept.load();
        if (sealed.isEmpty()) {
            return null;
        }
        try {
            return ReplicatedConfig.of(vault.unseal(sealed.get()));
        } catch (IOException | VaultFault e) {
            // an unreadable configuration is active nowhere
            return null;
        }
    }
}
