package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.LiteralAddress;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.egress.NotPublicException;
import io.engagementwebhooks.ledger.Causes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Resolves host names for Jetty and applies the egress rules. Jetty connects to exactly these addresses, so a name
 * cannot change between check and connect. One refused address refuses the name. Thread-safe.
 *
 * @param account the account that the lookups count for
 * @param names resolves names
 * @param refusal why an address is refused; empty if it is allowed
 * @param workers run the code after a lookup, which may block
 */
record CheckedAddresses(
        String account, NameResolver names, Function<InetAddress, Optional<String>> refusal, Executor workers)
        implements SocketAddressResolver {

    @Override
    public void resolve(
            String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> connecting) {
        addresses(host)
                .whenCompleteAsync(
                        (addresses, failure) -> {
                            if (failure == null) {
                                connect(host, port, addresses, connecting);
                            } else {
                                connecting.failed(Causes.unwrapped(failure));
                            }
                        },
                        workers);
    }

    private void connect(
            String host, int port, List<InetAddress> addresses, Promise<List<InetSocketAddress>> connecting) {
        refused(host, addresses)
                .ifPresentOrElse(
                        connecting::failed,
                        () -> connecting.succeeded(addresses.stream()
                                .map(address -> new InetSocketAddress(address, port))
                                .toList()));
    }

    private CompletableFuture<List<InetAddress>> addresses(String host) {
        return LiteralAddress.of(host)
                .map(address -> CompletableFuture.completedFuture(List.of(address)))
                .orElseGet(() -> names.resolve(account, host));
    }

    private Optional<Throwable> refused(String host, List<InetAddress> addresses) {
        return addresses.stream()
                .flatMap(address -> refusal.apply(address).map(why -> refused(host, address, why)).stream())
                .findFirst();
    }

    private static Throwable refused(String host, InetAddress address, String why) {
        return EgressRules.isSecret(host) ? new NotPublicException(host, address, why) : new AddressRefused(host, why);
    }
}
