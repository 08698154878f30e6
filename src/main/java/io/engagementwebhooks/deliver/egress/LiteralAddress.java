package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parses a host as an IP address in every form that URL parsers accept: decimal, octal, hex, fewer than four parts,
 * IPv4-mapped.
 *
 * @see <a href="https://url.spec.whatwg.org/#concept-ipv4-parser">WHATWG URL, IPv4 parser</a>
 */
public final class LiteralAddress {

    private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]*");
    private static final Pattern OCTAL = Pattern.compile("0[0-7]+");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final Pattern DOT = Pattern.compile("\\.");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]+");

    private LiteralAddress() {}

    /** Whether a host must be an IPv4 address because its last part is a number. */
    static boolean endsInNumber(String host) {
        String last = lastPart(host);
        return !last.isEmpty()
                && (last.chars().allMatch(c -> c >= '0' && c <= '9')
                        || number(last).isPresent());
    }

    /** The address of a host, IPv6 without brackets; empty if it is a name. */
    public static Optional<InetAddress> of(String host) {
        return host.indexOf(':') >= 0 ? ipv6(host) : ipv4(host);
    }

    /** An IPv4 address in any form; empty if it is none. */
    static Optional<InetAddress> ipv4(String host) {
        String[] parts = DOT.split(withoutLastDot(host), -1);
        if (parts.length > 4) {
            return Optional.empty();
        }
        long value = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            long limit = last ? 1L << 8 * (5 - parts.length) : 1L << 8;
            Optional<Long> part = number(parts[i]);
            if (part.isEmpty() || part.get() >= limit) {
                return Optional.empty();
            }
            value = last ? value << 8 * (5 - parts.length) | part.get() : value << 8 | part.get();
        }
        return Optional.of(
                address(new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value}));
    }

    /**
     * An IPv6 address without brackets; an IPv4-mapped one gives the IPv4 address. Empty if it is none or has a zone.
     */
    static Optional<InetAddress> ipv6(String text) {
        if (text.indexOf(':') < 0 || !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName("[" + text + "]"));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Optional<Long> number(String part) {
        try {
            if (HEX.matcher(part).matches()) {
                return Optional.of(part.length() == 2 ? 0L : Long.parseLong(part.substring(2), 16));
            }
            if (OCTAL.matcher(part).matches()) {
                return Optional.of(Long.parseLong(part, 8));
            }
            return DIGITS.matcher(part).matches() ? decimal(part) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.of(Long.MAX_VALUE);
        }
    }

    private static Optional<Long> decimal(String part) {
        return part.length() > 1 && part.startsWith("0") ? Optional.empty() : Optional.of(Long.parseLong(part));
    }

    private static String lastPart(String host) {
        String trimmed = withoutLastDot(host);
        return trimmed.substring(trimmed.lastIndexOf('.') + 1);
    }

    private static String withoutLastDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /** An address of 4 or 16 bytes. */
    static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
