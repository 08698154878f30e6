package io.engagementwebhooks.credential;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The hosts that a token response may name: those equal to a suffix or below it. An IP literal must equal a suffix.
 *
 * @param suffixes hosts in any case; an IP address with or without brackets
 */
public record TrustedHosts(List<String> suffixes) {

    /** Hosts that parsers read as an IP address: those whose last label is digits or hex. */
    private static final Pattern IP_LITERAL = Pattern.compile("\\[.*|(.*\\.)?(\\d+|0x[0-9a-f]*)\\.?");

    public TrustedHosts {
        suffixes =
                suffixes.stream().map(suffix -> suffix.toLowerCase(Locale.ROOT)).toList();
    }

    /** Whether a host of a URL is trusted. */
    public boolean covers(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        boolean isLiteral = IP_LITERAL.matcher(name).matches();
        return suffixes.stream()
                .anyMatch(suffix -> name.equals(suffix)
                        || name.equals("[" + suffix + "]")
                        || !isLiteral && name.endsWith("." + suffix));
    }

    @Override
    public String toString() {
        return String.join(", ", suffixes);
    }
}
