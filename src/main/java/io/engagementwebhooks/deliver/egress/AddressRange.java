package io.engagementwebhooks.deliver.egress;

import java.math.BigInteger;
import java.net.InetAddress;

/**
 * A CIDR range of addresses, such as {@code 10.0.0.0/8}. IPv4 and IPv6 never match each other. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4632">RFC 4632</a>
 */
record AddressRange(InetAddress network, int prefix) {

    /**
     * Parses a range; a single address is a range of one.
     *
     * @throws IllegalArgumentException if the text is invalid; the message says why
     */
    static AddressRange of(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        InetAddress network = LiteralAddress.of(address)
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + text + "' is not a range of addresses such as 10.0.0.0/8 or fd00::/8"));
        int bits = network.getAddress().length * 8;
        return new AddressRange(network, slash < 0 ? bits : prefix(text, text.substring(slash + 1), bits));
    }

    boolean contains(InetAddress address) {
        byte[] ours = network.getAddress();
        byte[] theirs = address.getAddress();
        return ours.length == theirs.length && samePrefix(ours, theirs);
    }

    /** The lowest address as an unsigned number. */
    BigInteger first() {
        return new BigInteger(1, network.getAddress()).andNot(hostPart());
    }

    /** The highest address as an unsigned number. */
    BigInteger last() {
        return new BigInteger(1, network.getAddress()).or(hostPart());
    }

    boolean overlaps(AddressRange other) {
        return network.getAddress().length == other.network.getAddress().length
                && first().compareTo(other.last()) <= 0
                && other.first().compareTo(last()) <= 0;
    }

    private BigInteger hostPart() {
        return BigInteger.ONE
                .shiftLeft(network.getAddress().length * 8 - prefix)
                .subtract(BigInteger.ONE);
    }

    private boolean samePrefix(byte[] ours, byte[] theirs) {
        int whole = prefix / 8;
        for (int i = 0; i < whole; i++) {
            if (ours[i] != theirs[i]) {
                return false;
            }
        }
        int rest = prefix % 8;
        return rest == 0 || ((ours[whole] ^ theirs[whole]) & 0xFF) >> (8 - rest) == 0;
    }

    private static int prefix(String text, String digits, int bits) {
        if (digits.matches("\\d{1,3}") && Integer.parseInt(digits) <= bits) {
            return Integer.parseInt(digits);
        }
        throw new IllegalArgumentException("'" + text + "': the number after the slash is from 0 to " + bits);
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }
}
