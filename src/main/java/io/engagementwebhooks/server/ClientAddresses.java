package io.engagementwebhooks.server;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds a request's client address, which throttles use. Behind a trusted proxy it comes from {@code Forwarded} (RFC
 * 7239) or {@code X-Forwarded-For}: from the right, the first address that is not a trusted proxy. If a header is
 * invalid, or the two disagree, the address of the last trusted proxy is used. Immutable, thread-safe.
 */
public final class ClientAddresses {

    /** Trusts no proxy: the peer is the client. */
    public static final ClientAddresses OF_PEERS = new ClientAddresses(List.of());

    private static final String FORWARDED = "forwarded";
    private static final String FORWARDED_FOR = "x-forwarded-for";

    private final List<IpSubnetFilterRule> trusted;

    private ClientAddresses(List<IpSubnetFilterRule> trusted) {
        this.trusted = trusted;
    }

    /**
     * @param ranges of proxies, separated by commas, such as {@code 10.0.0.0/8}, {@code fd00::/8} or a single address;
     *     may be empty
     * @throws IllegalArgumentException naming the invalid range
     */
    public static ClientAddresses behind(String ranges) {
        List<IpSubnetFilterRule> rules = new ArrayList<>();
        for (String range : ranges.split(",")) {
            if (!range.isBlank()) {
                rules.add(rule(range.strip()));
            }
        }
        return rules.isEmpty() ? OF_PEERS : new ClientAddresses(List.copyOf(rules));
    }

    private static IpSubnetFilterRule rule(String range) {
        int slash = range.indexOf('/');
        InetAddress network = literal(slash < 0 ? range : range.substring(0, slash))
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + range + "' is not a range of addresses such as 10.0.0.0/8 or fd00::/8"));
        int bits = network.getAddress().length * 8;
        try {
            int prefix = slash < 0 ? bits : Integer.parseInt(range.substring(slash + 1));
            return new IpSubnetFilterRule(network, prefix, IpFilterRuleType.ACCEPT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + range + "': the number after the slash is from 0 to " + bits, e);
        }
    }

    /** Whether any proxy is trusted. */
    public boolean trustsProxies() {
        return !trusted.isEmpty();
    }

    /** Whether an address is that of a trusted proxy. */
    public boolean isProxy(InetAddress address) {
        if (trusted.isEmpty()) {
            return false;
        }
        InetSocketAddress peer = new InetSocketAddress(address, 0);
        return trusted.stream().anyMatch(rule -> rule.matches(peer));
    }

    /** The client's address, as a literal. */
    public String of(HttpServerRequest request) {
        SocketAddress peer = request.remoteAddress();
        return peer == null ? "" : of(peer.hostAddress(), request.headers());
    }

    String of(String peer, MultiMap headers) {
        if (trusted.isEmpty()) {
            return peer;
        }
        Optional<InetAddress> parsed = literal(peer);
        if (parsed.isEmpty() || !isProxy(parsed.get())) {
            return peer;
        }
        List<String> forwarded = headers.getAll(FORWARDED);
        List<String> forwardedFor = headers.getAll(FORWARDED_FOR);
        InetAddress proxy = parsed.get();
        if (forwarded.isEmpty() || forwardedFor.isEmpty()) {
            List<String> hops = forwarded.isEmpty() ? split(forwardedFor, ',') : nodes(forwarded);
            return client(proxy, hops).getHostAddress();
        }
        // most proxies set one header and forward the client's other one
        InetAddress one = client(proxy, nodes(forwarded));
        InetAddress other = client(proxy, split(forwardedFor, ','));
        return (one.equals(other) ? one : proxy).getHostAddress();
    }

    /**
     * The first hop from the right that is not a trusted proxy, or else the leftmost. An invalid hop ends the search.
     */
    private InetAddress client(InetAddress proxy, List<String> hops) {
        InetAddress last = proxy;
        for (int i = hops.size() - 1; i >= 0; i--) {
            Optional<InetAddress> hop = address(hops.get(i));
            if (hop.isEmpty()) {
                return last;
            }
            last = hop.get();
            if (!isProxy(last)) {
                return last;
            }
        }
        return last;
    }

    /** The value of {@code for} of each element of {@code Forwarded}; empty where an element has none. */
    private static List<String> nodes(List<String> headers) {
        List<String> nodes = new ArrayList<>();
        for (String element : split(headers, ',')) {
            String node = "";
            for (String pair : split(List.of(element), ';')) {
                String parameter = pair.strip();
                if (parameter.regionMatches(true, 0, "for=", 0, 4)) {
                    node = parameter.substring(4);
                }
            }
            nodes.add(node);
        }
        return nodes;
    }

    /** Splits values at a character outside of quotes. */
    private static List<String> split(List<String> values, char at) {
        List<String> parts = new ArrayList<>();
        for (String value : values) {
            boolean quoted = false;
            int from = 0;
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c == '\\' && quoted) {
                    i++;
                } else if (c == '"') {
                    quoted = !quoted;
                } else if (c == at && !quoted) {
                    parts.add(value.substring(from, i));
                    from = i + 1;
                }
            }
            parts.add(value.substring(from));
        }
        return parts;
    }

    /** Parses an address as proxies write it: quoted, in brackets, with a port, or plain. */
    private static Optional<InetAddress> address(String text) {
        String node = text.strip();
        if (node.length() > 1 && node.startsWith("\"") && node.endsWith("\"")) {
            node = node.substring(1, node.length() - 1);
        }
        if (node.startsWith("[")) {
            int end = node.indexOf(']');
            return end < 0 || !isPort(node.substring(end + 1)) ? Optional.empty() : literal(node.substring(1, end));
        }
        int colon = node.indexOf(':');
        boolean hasPort = colon >= 0 && colon == node.lastIndexOf(':');
        if (hasPort) {
            return isPort(node.substring(colon)) ? literal(node.substring(0, colon)) : Optional.empty();
        }
        return literal(node);
    }

    /** Whether a text is a port, possibly obfuscated (RFC 7239, 6.3). */
    private static boolean isPort(String text) {
        return text.isEmpty() || text.matches(":[A-Za-z0-9._-]+");
    }

    /** Parses a literal address without DNS. */
    private static Optional<InetAddress> literal(String text) {
        return text.indexOf('%') >= 0
                ? Optional.empty()
                : Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(text));
    }
}
