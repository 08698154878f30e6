package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Turns hosts into addresses that may be called. A name is resolved once per connect, and the connection goes to the
 * very addresses that were checked, so that a second answer of the name service cannot lead elsewhere. Thread-safe.
 */
final class GuardedNames {

    private static final long LONGEST_LOOKUP_NANOS = NameResolver.LONGEST.toNanos();

    private final EgressRules rules;
    private final NameResolver resolver;

    GuardedNames(EgressRules rules, NameResolver resolver) {
        this.rules = rules;
        this.resolver = resolver;
    }

    /**
     * A resolver for one connect.
     *
     * @param account whose call it is
     * @param watch the call's deadline, or null where it is not known
     * @param timing is told how long a name took
     */
    DnsResolver resolver(String account, boolean plain, Deadlines.Watch watch, Timing.Call timing) {
        return new Guarded(account, plain, watch, timing);
    }

    /** As above, where a proxy resolves: what it is asked for is judged and handed on as it is. */
    DnsResolver tunnelResolver(boolean plain) {
        return new Tunnelled(plain);
    }

    /** Where the proxy is; it is the operator's and not judged. */
    InetSocketAddress proxy(EgressProxy proxy, Deadlines.Watch watch) throws UnknownHostException {
        Optional<InetAddress> literal = LiteralAddress.of(proxy.host());
        InetAddress address = literal.isPresent() ? literal.get() : operators(proxy.host(), left(watch));
        return new InetSocketAddress(address, proxy.port());
    }

    private InetAddress operators(String host, long nanos) throws UnknownHostException {
        try {
            return resolver.await(OutgoingRequest.OPERATOR, host, nanos).get(0);
        } catch (NothingSentException e) {
            throw new UnknownHostException(host);
        }
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

        private final String account;
        private final boolean plain;
        private final Deadlines.Watch watch;
        private final Timing.Call timing;

        Guarded(String account, boolean plain, Deadlines.Watch watch, Timing.Call timing) {
            this.account = account;
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

        private List<InetAddress> addresses(String host) throws UnknownHostException {
            Optional<InetAddress> literal = LiteralAddress.of(host);
            if (literal.isPresent()) {
                return List.of(literal.get());
            }
            Timing.Part before = timing.begin(Timing.Part.DNS);
            try {
                return resolver.await(account, host, left(watch));
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
