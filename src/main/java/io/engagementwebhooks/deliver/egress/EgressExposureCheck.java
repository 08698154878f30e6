package io.engagementwebhooks.deliver.egress;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks the allowed address ranges for unsafe exposure, as a whole, even if split into parts: loopback, link-local and
 * cloud metadata addresses, or a large part of the Internet.
 */
public final class EgressExposureCheck {

    /** The most public addresses that one organization has: a /8 of IPv4, a /19 of IPv6. */
    private static final BigInteger MOST_IPV4 = BigInteger.TWO.pow(32 - 8);

    private static final BigInteger MOST_IPV6 = BigInteger.TWO.pow(128 - 19);

    /** Includes their NAT64 forms. */
    private static final List<Forbidden> FORBIDDEN = List.of(
            new Forbidden("loopback", "127.0.0.0/8"),
            new Forbidden("loopback", "::1"),
            new Forbidden("loopback", "64:ff9b::7f00:0/104"),
            new Forbidden("link-local addresses with the cloud's metadata (169.254.169.254)", "169.254.0.0/16"),
            new Forbidden("link-local addresses with the cloud's metadata (169.254.169.254)", "64:ff9b::a9fe:0/112"),
            new Forbidden("link-local addresses", "fe80::/10"),
            new Forbidden("the cloud's metadata (fd00:ec2::254)", "fd00:ec2::254"),
            new Forbidden("the cloud platform's own address (168.63.129.16)", "168.63.129.16"),
            new Forbidden("unspecified addresses, which lead to this machine,", "0.0.0.0/8"),
            new Forbidden("unspecified addresses, which lead to this machine,", "::"));

    private EgressExposureCheck() {}

    /** Reasons against these settings in production; empty if none. */
    public static List<String> faults(EgressSettings settings) {
        List<String> faults = new ArrayList<>();
        List<AddressRange> allow = ranges(settings.allow());
        FORBIDDEN.stream()
                .filter(forbidden -> allow.stream().anyMatch(forbidden.range::overlaps))
                .map(forbidden -> EgressSettings.ALLOW + " opens " + forbidden.what
                        + " to every customer; name the ranges of your receivers only")
                .distinct()
                .forEach(faults::add);
        if (isTooLarge(allow)) {
            faults.add(EgressSettings.ALLOW + " opens a large part of the Internet on any port, mail and databases"
                    + " included; public addresses need not be named");
        }
        if (isTooLarge(ranges(settings.plainHttp()))) {
            faults.add(EgressSettings.PLAIN_HTTP + " lets a large part of the Internet be called without TLS;"
                    + " name the ranges that need it");
        }
        return faults;
    }

    private static List<AddressRange> ranges(List<String> texts) {
        return texts.stream().map(AddressRange::of).toList();
    }

    private static boolean isTooLarge(List<AddressRange> ranges) {
        return publicPart(ranges, true).compareTo(MOST_IPV4) > 0
                || publicPart(ranges, false).compareTo(MOST_IPV6) > 0;
    }

    /** The number of public addresses in the ranges: those that they add to the special ones. */
    private static BigInteger publicPart(List<AddressRange> ranges, boolean ipv4) {
        List<AddressRange> special = SpecialAddresses.ranges();
        BigInteger all = size(Stream.concat(special.stream(), ranges.stream()), ipv4);
        return all.subtract(size(special.stream(), ipv4));
    }

    private static BigInteger size(Stream<AddressRange> ranges, boolean ipv4) {
        BigInteger size = BigInteger.ZERO;
        BigInteger covered = BigInteger.ONE.negate();
        List<AddressRange> sorted = ranges.filter(range -> range.network() instanceof Inet4Address == ipv4)
                .sorted(Comparator.comparing(AddressRange::first))
                .toList();
        for (AddressRange range : sorted) {
            BigInteger from = range.first().max(covered.add(BigInteger.ONE));
            if (range.last().compareTo(covered) > 0) {
                size = size.add(range.last().subtract(from).add(BigInteger.ONE));
                covered = range.last();
            }
        }
        return size;
    }

    private record Forbidden(String what, AddressRange range) {
        Forbidden(String what, String range) {
            this(what, AddressRange.of(range));
        }
    }
}
