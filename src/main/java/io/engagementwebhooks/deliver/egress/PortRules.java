package io.engagementwebhooks.deliver.egress;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The allowed ports: those configured, or all except those of well-known non-HTTP services (the WHATWG Fetch list of
 * bad ports, plus file sharing, remote desktops, databases and brokers). Immutable.
 *
 * @see <a href="https://fetch.spec.whatwg.org/#port-blocking">WHATWG Fetch, port blocking</a>
 */
final class PortRules {

    static final int HIGHEST = 65535;

    private static final int[] NOT_HTTP = {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
        110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515,
        526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 873, 989, 990, 993, 995, 1433, 1521, 1719, 1720,
        1723, 2049, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 6000, 6379, 6566, 6665, 6666, 6667,
        6668, 6669, 6679, 6697, 9042, 9092, 10080, 11211, 27017
    };

    private final BitSet open = new BitSet(HIGHEST + 1);

    private PortRules() {}

    /**
     * Parses ports and ranges such as {@code 443} and {@code 8000-8999}; none: the default.
     *
     * @throws IllegalArgumentException if a text is invalid; the message says why
     */
    static PortRules of(List<String> texts) {
        PortRules rules = new PortRules();
        if (texts.isEmpty()) {
            rules.open.set(1, HIGHEST + 1);
            Arrays.stream(NOT_HTTP).forEach(rules.open::clear);
        }
        texts.forEach(rules::open);
        return rules;
    }

    boolean allow(int port) {
        return open.get(port);
    }

    private void open(String text) {
        if (!text.matches("\\d{1,5}(-\\d{1,5})?")) {
            throw fault(text);
        }
        int dash = text.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
        int last = Integer.parseInt(dash < 0 ? text : text.substring(dash + 1));
        if (first < 1 || last > HIGHEST || first > last) {
            throw fault(text);
        }
        open.set(first, last + 1);
    }

    private static IllegalArgumentException fault(String text) {
        return new IllegalArgumentException("'" + text + "' is not a port such as 443 or a range such as 8000-8999");
    }
}
