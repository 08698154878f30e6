package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Looks names up, without cache and limits. Thread-safe. */
interface NameService extends AutoCloseable {

    /** The most lookups at a time, in total and for one account. */
    record Limits(int inAll, int ofOneAccount) {}

    /**
     * The addresses of a name.
     *
     * @param addresses in order of use; empty: the name does not exist or has no address
     * @param ttl how long they are valid
     */
    record Resolution(List<InetAddress> addresses, Duration ttl) {

        public Resolution {
            addresses = List.copyOf(addresses);
        }

        static Resolution none() {
            return new Resolution(List.of(), Duration.ZERO);
        }

        boolean isEmpty() {
            return addresses.isEmpty();
        }
    }

    /**
     * Looks a name up. The future fails if the lookup failed.
     *
     * @param name in lower case, not a literal address
     */
    CompletableFuture<Resolution> lookUp(String name);

    /** The limits that callers must keep. */
    Limits limits();

    @Override
    void close();
}
