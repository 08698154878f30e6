package io.engagementwebhooks.deliver.egress;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Non-public addresses: loopback, private, link-local (cloud metadata), documentation, multicast and others. Of IPv6
 * only 2000::/3 is public.
 *
 * @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IANA IPv4 special-purpose registry</a>
 * @see <a href="https://www.iana.org/assignments/iana-ipv6-special-registry">IANA IPv6 special-purpose registry</a>
 */
final class SpecialAddresses {

    private static final List<Special> SPECIAL = List.of(
            special("loopback", "127.0.0.0/8", "::1"),
            special("private network", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
            special("private network", "fc00::/7", "fec0::/10"),
            special("link-local", "169.254.0.0/16", "fe80::/10"),
            special("cloud platform", "168.63.129.16"),
            special("unspecified", "0.0.0.0/8", "::"),
            special("multicast", "224.0.0.0/4", "ff00::/8"),
            special("reserved", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
            special("documentation", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
            special("documentation", "2001:db8::/32", "3fff::/20"),
            // protocol assignments (Teredo, ORCHID, benchmarking), 6to4
            special("reserved", "2001::/23", "2002::/16"));

    private static final AddressRange PUBLIC_IPV6 = AddressRange.of("2000::/3");

    /** NAT64, RFC 6052: classified by the IPv4 address in its last four bytes. */
    private static final AddressRange NAT64 = AddressRange.of("64:ff9b::/96");

    private SpecialAddresses() {}

    /** The kind of a non-public address, in a word or two; empty if it is public. */
    static Optional<String> kind(InetAddress address) {
        if (NAT64.contains(address)) {
            return kind(LiteralAddress.address(Arrays.copyOfRange(address.getAddress(), 12, 16)));
        }
        Optional<String> named = SPECIAL.stream()
                .filter(s -> s.holds(address))
                .map(Special::kind)
                .findFirst();
        boolean publicIpv6 = !(address instanceof Inet6Address) || PUBLIC_IPV6.contains(address);
        return named.isPresent() || publicIpv6 ? named : Optional.of("reserved");
    }

    /** All non-public ranges, including IPv6 outside 2000::/3. */
    static List<AddressRange> ranges() {
        return Stream.concat(
                        SPECIAL.stream().flatMap(special -> special.ranges().stream()),
                        Stream.of("::/3", "4000::/2", "8000::/1").map(AddressRange::of))
                .toList();
    }

    private static Special special(String kind, String... ranges) {
        return new Special(kind, Arrays.stream(ranges).map(AddressRange::of).toList());
    }

    private record Special(String kind, List<AddressRange> ranges) {
        boolean holds(InetAddress address) {
            return ranges.stream().anyMatch(range -> range.contains(address));
        }
    }
}
