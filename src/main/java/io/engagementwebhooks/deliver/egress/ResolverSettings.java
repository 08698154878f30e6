package io.engagementwebhooks.deliver.egress;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How host names are resolved.
 *
 * @param kind the resolver
 * @param nameServers the name servers; empty: those of {@code /etc/resolv.conf}
 */
public record ResolverSettings(Kind kind, List<InetSocketAddress> nameServers) {

    /** The property of the resolver. */
    public static final String RESOLVER = "webhooks.egress.resolver";

    /** The property of the name servers. */
    public static final String NAME_SERVERS = "webhooks.egress.name-servers";

    /** Name servers of {@code /etc/resolv.conf}. */
    public static final ResolverSettings DEFAULT = new ResolverSettings(Kind.DNS, List.of());

    private static final Logger LOG = LoggerFactory.getLogger(ResolverSettings.class);
    private static final int DNS_PORT = 53;

    /** The kinds of resolvers. */
    public enum Kind {
        /** {@code /etc/hosts} and name servers, non-blocking */
        DNS,
        /** the machine's name service ({@code nsswitch.conf}), one thread per lookup */
        SYSTEM
    }

    public ResolverSettings {
        nameServers = List.copyOf(nameServers);
    }

    /**
     * From the properties' values; empty or null: the default.
     *
     * @throws IllegalArgumentException if a property is invalid; the message names it and why
     */
    public static ResolverSettings of(String resolver, String nameServers) {
        Kind kind = kind(resolver == null ? "" : resolver.strip());
        List<InetSocketAddress> servers = EgressSettings.list(nameServers).stream()
                .map(ResolverSettings::server)
                .toList();
        if (kind == Kind.SYSTEM && !servers.isEmpty()) {
            throw new IllegalArgumentException(
                    NAME_SERVERS + ": is not used with " + RESOLVER + "=system; leave one of the two out");
        }
        return new ResolverSettings(kind, servers);
    }

    private static Kind kind(String text) {
        return switch (text) {
            case "", "dns" -> Kind.DNS;
            case "system" -> Kind.SYSTEM;
            default -> throw new IllegalArgumentException(RESOLVER + ": '" + text + "' is neither dns nor system");
        };
    }

    private static InetSocketAddress server(String text) {
        return address(text, DNS_PORT)
                .or(() -> withPort(text))
                .orElseThrow(() -> new IllegalArgumentException(NAME_SERVERS + ": '" + text
                        + "' is not an address such as 10.0.0.2, 10.0.0.2:53, fd00::2 or [fd00::2]:53"));
    }

    private static Optional<InetSocketAddress> withPort(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon < 0 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535 || Integer.parseInt(port) == 0) {
            return Optional.empty();
        }
        return address(text.substring(0, colon), Integer.parseInt(port));
    }

    private static Optional<InetSocketAddress> address(String text, int port) {
        return Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(text))
                .map(address -> new InetSocketAddress(address, port));
    }

    /** The resolver; the machine's name service if no name server is known, as on Windows. */
    NameService service() {
        ResolvConf conf = ResolvConf.ofMachine();
        boolean isSystem = kind == Kind.SYSTEM
                || nameServers.isEmpty() && conf.nameServers().isEmpty();
        if (isSystem && kind == Kind.DNS) {
            LOG.warn("egress.resolver={} instead of dns: {} names no name server", Kind.SYSTEM, ResolvConf.FILE);
        }
        return isSystem ? new SystemNames() : new DnsNames(this::conf, DnsNames.HOSTS);
    }

    private ResolvConf conf() {
        ResolvConf conf = ResolvConf.ofMachine();
        return nameServers.isEmpty() ? conf : conf.with(new ArrayList<>(nameServers));
    }
}
