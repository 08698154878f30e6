package io.engagementwebhooks.config;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Selects the configuration file that is active for all instances on one store.
 *
 * <ul>
 *   <li>A content that was never active is a change, and becomes active, whichever instance reads it first.
 *   <li>A content that was active before is an old file that was not replaced yet, and changes nothing; unless the file
 *   had a newer content before, so that it was restored on purpose.
 *   <li>An active content that no running instance's file has any more was withdrawn. Another instance's file becomes
 *   active: at a start at once, otherwise after {@link #WITHDRAWN_AFTER}.
 * </ul>
 *
 * So during a rollout the newest content is active, and afterwards the common one. Not thread-safe.
 */
final class ConfigReconciler {

    /**
     * How long no instance's file may have the active content before another one becomes active; longer than a restart.
     */
    static final Duration WITHDRAWN_AFTER = Duration.ofSeconds(30);

    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final LastKnownGoodConfig lastGood;
    private final Sharing sharing;
    private final Vault vault;
    private final LongSupplier nanos;
    private StoredConfig ours;
    private long ourGeneration;
    private Long withdrawnSince;

    ConfigReconciler(LastKnownGoodConfig lastGood, Sharing sharing, Vault vault, LongSupplier nanos) {
        this.lastGood = lastGood;
        this.sharing = sharing;
        this.vault = vault;
        this.nanos = nanos;
    }

    /** The active configuration, and whether it is that of our file. */
    record Active(ReplicatedConfig shared, boolean isOurs) {}

    /**
     * Reports the content of our file.
     *
     * @return the active configuration: this one or another
     */
    Active offer(StoredConfig content) {
        Active active = offered(content);
        ours = content;
        return active;
    }

    private Active offered(StoredConfig content) {
        ReplicatedConfig now = active();
        if (!becomesActive(now, content)) {
            return reconcile(now, content);
        }
        long end = nanos.getAsLong() + LONGEST_WAIT_NANOS;
        while (!sharing.begin()) {
            if (nanos.getAsLong() - end > 0) {
                throw new IllegalStateException("another instance is about to share its configuration");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        try {
            ReplicatedConfig last = active();
            return becomesActive(last, content) ? share(last, content) : reconcile(last, content);
        } finally {
            sharing.end();
        }
    }

    private boolean becomesActive(ReplicatedConfig now, StoredConfig content) {
        if (now == null) {
            return true;
        }
        long generation = now.generationOf(content).orElse(0L);
        if (generation == 0) {
            return true;
        }
        return generation != now.generation()
                && (ours == null || ours.fingerprint().equals(content.fingerprint())
                        ? !sharing.isPublished(now.generation())
                        : generation < ourGeneration);
    }

    private Active reconcile(ReplicatedConfig now, StoredConfig content) {
        ourGeneration = now.generationOf(content).orElse(0L);
        sharing.publish(ourGeneration);
        return new Active(now, ourGeneration == now.generation());
    }

    private Active share(ReplicatedConfig before, StoredConfig content) {
        long generation = 1 + Math.max(before == null ? 0 : before.generation(), sharing.generation());
        ReplicatedConfig next = ReplicatedConfig.after(before, content, generation);
        try {
            // first, so that no instance finds it withdrawn
            sharing.publish(generation);
            sharing.save(vault.seal(next.toBytes()), generation);
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
        ourGeneration = generation;
        return new Active(next, true);
    }

    /** The active configuration, if its generation differs from the given one. */
    Optional<Active> changedSince(long generation) {
        if (sharing.generation() == generation) {
            return Optional.empty();
        }
        ReplicatedConfig now = active();
        return now == null || now.generation() == generation
                ? Optional.empty()
                : Optional.of(new Active(now, ours != null && now.generation() == generationOfOurs(now)));
    }

    private long generationOfOurs(ReplicatedConfig now) {
        ourGeneration = now.generationOf(ours).orElse(0L);
        sharing.publish(ourGeneration);
        return ourGeneration;
    }

    /** Activates our file if the active configuration was withdrawn. */
    Optional<Active> replaceWithdrawn(long generation) {
        if (ours == null || ourGeneration == generation || sharing.isPublished(generation)) {
            withdrawnSince = null;
            return Optional.empty();
        }
        long now = nanos.getAsLong();
        if (withdrawnSince == null) {
            withdrawnSince = now;
        }
        if (now - withdrawnSince < WITHDRAWN_AFTER.toNanos()) {
            return Optional.empty();
        }
        withdrawnSince = null;
        return Optional.of(offer(ours));
    }

    private ReplicatedConfig active() {
        Optional<byte[]> sealed = lastGood.load();
        if (sealed.isEmpty()) {
            return null;
        }
        try {
            return ReplicatedConfig.of(vault.unseal(sealed.get()));
        } catch (IOException | VaultFault e) {
            // an unreadable configuration counts as none
            return null;
        }
    }
}
