package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Timing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Turns hosts into addresses that may be called. A name is resolved once per connect, and the connection goes to the
 * very addresses that were checked, so that a second answer of the name service cannot lead elsewhere. Thread-safe.
 */
final class GuardedNames implements AutoCloseable {

    private static final long LONGEST_LOOKUP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final EgressRules rules;
    private final TimedLookup lookup;

    GuardedNames(EgressRules rules, NameLookup lookup) {
        this.rules = rules;
        this.lookup = new TimedLookup(lookup);
    }

    /**
     * A resolver for one connect.
     *
     * @param watch the call's deadline, or null where it is not known
     * @param timing is told how long a name took
     */
    DnsResolver resolver(boolean plain, Deadlines.Watch watch, Timing.Call timing) {
        return new Guarded(plain, watch, timing);
    }

    /** As above, where a proxy resolves: what it is asked for is judged and handed on as it is. */
    DnsResolver tunnelResolver(boolean plain) {
        return new Tunnelled(plain);
    }

    /** Where the proxy is; it is the operator's and not judged. */
    InetSocketAddress proxy(EgressProxy proxy, Deadlines.Watch watch) throws UnknownHostException {
        Optional<InetAddress> literal = LiteralAddress.of(proxy.host());
        InetAddress address = literal.isPresent() ? literal.get() : lookup.addresses(proxy.host(), left(watch))[0];
        return new InetSocketAddress(address, proxy.port());
    }

    @Override
    public void close() {
        lookup.close();
    }

    private static long left(Deadlines.Watch watch) {
        return watch == null ? LONGEST_LOOKUP_NANOS : Math.min(watch.leftNanos(), LONGEST_LOOKUP_NANOS);
    }

    private final class Tunnelled implements DnsResolver {

        private final boolean plain;

        Tunnelled(boolean plain) {
            this.plain = plain;
        }

        @Override
        public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
            rules.checkTunnel(plain, host, port);
            return List.of(InetSocketAddress.createUnresolved(host, port));
        }

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            throw new UnknownHostException(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private final class Guarded implements DnsResolver {

        private final boolean plain;
        private final Deadlines.Watch watch;
        private final Timing.Call timing;

        Guarded(boolean plain, Deadlines.Watch watch, Timing.Call timing) {
            this.plain = plain;
            this.watch = watch;
            this.timing = timing;
        }

        @Override
        public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
            return rules.callable(plain, host, port, addresses(host)).stream()
                    .map(address -> new InetSocketAddress(address, port))
                    .toList();
        }

        private InetAddress[] addresses(String host) throws UnknownHostException {
            Optional<InetAddress> literal = LiteralAddress.of(host);
            if (literal.isPresent()) {
                return new InetAddress[] {literal.get()};
            }
            Timing.Part before = timing.begin(Timing.Part.DNS);
            try {
                return lookup.addresses(host, left(watch));
            } finally {
                timing.begin(before);
            }
        }

        /** Not asked by the connection operators, and not answered: without a port no rule could be kept. */
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            throw new UnknownHostException(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }
}
