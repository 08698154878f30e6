package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks a name service, without a cache and without a bound. Thread-safe. */
interface NameService extends AutoCloseable {

    /** How many lookups may run at a time: in all, and for one account. */
    record Limits(int inAll, int ofOneAccount) {}

    /**
     * The addresses of a name.
     *
     * @param addresses in the order in which they are tried; none: there is no such name, or it has no address
     * @param life how long this holds
     */
    record Found(List<InetAddress> addresses, Duration life) {

        public Found {
            addresses = List.copyOf(addresses);
        }

        static Found none() {
            return new Found(List.of(), Duration.ZERO);
        }

        boolean isEmpty() {
            return addresses.isEmpty();
        }
    }

    /**
     * Looks a name up; the future fails if that could not be done.
     *
     * @param name in lower case, no literal address
     */
    CompletableFuture<Found> lookUp(String name);

    /** What this service can bear. */
    Limits limits();

    @Override
    void close();
}
