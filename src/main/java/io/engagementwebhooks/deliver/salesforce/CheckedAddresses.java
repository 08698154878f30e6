package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.NotPublicException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Resolves a host and lets nothing through that the egress rules refuse. Jetty connects to exactly the addresses that
 * come out of here, so a name cannot change between check and connect. One refused address refuses the name.
 */
final class CheckedAddresses implements SocketAddressResolver {

    private final SocketAddressResolver resolver;
    private final Function<InetAddress, Optional<String>> refusal;

    CheckedAddresses(SocketAddressResolver resolver, Function<InetAddress, Optional<String>> refusal) {
        this.resolver = resolver;
        this.refusal = refusal;
    }

    @Override
    public void resolve(
            String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> connecting) {
        resolver.resolve(host, port, context, new Promise<>() {
            @Override
            public void succeeded(List<InetSocketAddress> addresses) {
                refused(host, addresses).ifPresentOrElse(connecting::failed, () -> connecting.succeeded(addresses));
            }

            @Override
            public void failed(Throwable failure) {
                connecting.failed(failure);
            }
        });
    }

    private Optional<Throwable> refused(String host, List<InetSocketAddress> addresses) {
        return addresses.stream()
                .map(InetSocketAddress::getAddress)
                .flatMap(address -> refusal.apply(address).map(why -> refused(host, address, why)).stream())
                .findFirst();
    }

    private static Throwable refused(String host, InetAddress address, String why) {
        return EgressRules.isSecret(host) ? new NotPublicException(host, address, why) : new AddressRefused(host, why);
    }
}
