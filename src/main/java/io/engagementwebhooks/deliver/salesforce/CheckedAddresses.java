package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.LiteralAddress;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.ledger.Causes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Resolves host names for Jetty and applies the egress rules to scheme, host, port and addresses. Jetty connects to
 * exactly these addresses, so a name cannot change between check and connect. Thread-safe.
 *
 * @param account the account that the lookups count for
 * @param names resolves names
 * @param rules the egress rules; null: none, for the operator's proxy
 * @param threads run the code after a lookup
 */
record CheckedAddresses(String account, NameResolver names, EgressRules rules, Executor threads)
        implements SocketAddressResolver {

    @Override
    public void resolve(
            String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> connecting) {
        boolean plain = !((Destination) context.get(Destination.CONTEXT_KEY)).isSecure();
        addresses(host)
                .thenApplyAsync(addresses -> allowed(plain, host, port, addresses), threads)
                .whenComplete((allowed, failure) -> {
                    if (failure == null) {
                        connecting.succeeded(allowed);
                    } else {
                        connecting.failed(Causes.unwrapped(failure));
                    }
                });
    }

    private List<InetSocketAddress> allowed(boolean plain, String host, int port, List<InetAddress> addresses) {
        try {
            List<InetAddress> allowed = rules == null ? addresses : rules.allowed(plain, host, port, addresses);
            return allowed.stream()
                    .map(address -> new InetSocketAddress(address, port))
                    .toList();
        } catch (UnknownHostException e) {
            throw new CompletionException(e);
        }
    }

    private CompletableFuture<List<InetAddress>> addresses(String host) {
        return LiteralAddress.of(host)
                .map(address -> CompletableFuture.completedFuture(List.of(address)))
                .orElseGet(() -> names.resolve(account, host));
    }
}
