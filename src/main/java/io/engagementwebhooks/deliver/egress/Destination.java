package io.engagementwebhooks.deliver.egress;

import java.net.IDN;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The scheme, host and port of a URL, parsed here because {@link URI#getHost()} is null for names with an underscore
 * and for unusual forms of addresses.
 *
 * @param scheme http or https
 * @param host a name in lower case, or an address in canonical form, IPv6 without brackets
 * @param port as in the URL, or the scheme's default
 * @param literal the address, if the host is one in any form
 * @param inbox whether it is a test inbox of this installation, to which no rule of addresses, ports and proxies applies
 */
record Destination(String scheme, String host, int port, Optional<InetAddress> literal, boolean inbox) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,253}\\.?");
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");

    /** @throws EgressRefusedException if the URL is invalid for a webhook */
    static Destination of(URI url) throws EgressRefusedException {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            throw new EgressRefusedException("a webhook's URL starts with https://");
        }
        String authority = url.getRawAuthority();
        if (authority == null) {
            throw new EgressRefusedException("the URL names no host");
        }
        if (authority.indexOf('@') >= 0) {
            throw new EgressRefusedException(
                    "the URL holds a user or password before '@': use the webhook's authentication instead");
        }
        return of(scheme, authority);
    }

    Destination asInbox() {
        return new Destination(scheme, host, port, literal, true);
    }

    boolean plain() {
        return scheme.equals("http");
    }

    private static Destination of(String scheme, String authority) throws EgressRefusedException {
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']');
        String host = hasPort ? authority.substring(0, colon) : authority;
        int port = port(scheme, hasPort ? authority.substring(colon + 1) : "");
        Optional<InetAddress> literal = literal(host);
        String name = literal.map(InetAddress::getHostAddress).orElse(host.toLowerCase(Locale.ROOT));
        return new Destination(scheme, name, port, literal, false);
    }

    private static int port(String scheme, String digits) throws EgressRefusedException {
        if (digits.isEmpty()) {
            return scheme.equals("https") ? 443 : 80;
        }
        if (!PORT.matcher(digits).matches() || Integer.parseInt(digits) > 65535 || Integer.parseInt(digits) == 0) {
            throw new EgressRefusedException("the URL's port is not a number from 1 to 65535");
        }
        return Integer.parseInt(digits);
    }

    private static Optional<InetAddress> literal(String host) throws EgressRefusedException {
        if (host.startsWith("[")) {
            return Optional.of(LiteralAddress.ipv6(host.substring(1, Math.max(1, host.length() - 1)))
                    .orElseThrow(() -> new EgressRefusedException("the URL's host is not an IPv6 address")));
        }
        checkName(host);
        if (!LiteralAddress.endsInNumber(host)) {
            return Optional.empty();
        }
        return Optional.of(LiteralAddress.ipv4(host)
                .orElseThrow(() -> new EgressRefusedException("the URL's host is neither a name nor an address")));
    }

    private static void checkName(String host) throws EgressRefusedException {
        if (host.chars().anyMatch(c -> c > 127)) {
            throw new EgressRefusedException("the URL's host holds characters beyond ASCII" + inAscii(host));
        }
        if (!NAME.matcher(host).matches() || host.startsWith(".") || host.contains("..")) {
            throw new EgressRefusedException("the URL's host is not a name");
        }
    }

    private static String inAscii(String host) {
        try {
            return ": write it as " + IDN.toASCII(host);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
