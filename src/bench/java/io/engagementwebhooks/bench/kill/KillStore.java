package io.engagementwebhooks.bench.kill;

import io.engagementwebhooks.testkit.Postgres;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * The store of the killed product.
 *
 * @param words its name
 * @param lease for which the one that was killed still holds what it had
 * @param options that name it
 */
record KillStore(String words, Duration lease, List<String> options) {

    /** Short, since each life waits for its end; not so short that a busy machine lets it end within a life. */
    private static final Duration LEASE = Duration.ofSeconds(5);

    /** A file in the product's folder, held by a lock that ends with the process. */
    static KillStore sqlite() {
        return new KillStore("SQLite", Duration.ZERO, List.of());
    }

    /** A new database. */
    static KillStore postgres() {
        return new KillStore(
                "PostgreSQL",
                LEASE,
                List.of(
                        "-Dwebhooks.store.url=" + Postgres.durableDatabase(),
                        "-Dwebhooks.store.user=" + Postgres.USER,
                        "-Dwebhooks.store.key=" + Base64.getEncoder().encodeToString(new byte[32]),
                        "-Dwebhooks.store.lease=" + LEASE.toSeconds() + "s"));
    }
}
