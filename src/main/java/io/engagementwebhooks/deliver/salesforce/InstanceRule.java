package io.engagementwebhooks.deliver.salesforce;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which instances a token answer may name: https, and a host that is one of the connection's suffixes or below one. An
 * IP literal must be a suffix exactly. Plain http only where the egress rules allow that address.
 */
final class InstanceRule {

    /** A last label of digits (or hex) is read as an IPv4 address, whatever stands before it. */
    private static final Pattern IP_LITERAL = Pattern.compile("\\[.*|(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)\\.?");

    private final List<String> suffixes;
    private final Predicate<URI> callable;

    InstanceRule(List<String> suffixes, Predicate<URI> callable) {
        this.suffixes =
                suffixes.stream().map(suffix -> suffix.toLowerCase(Locale.ROOT)).toList();
        this.callable = callable;
    }

    /** Whether secrets may go there: by https, or where the egress rules let plain http go. */
    boolean secure(URI url) {
        return "https".equalsIgnoreCase(url.getScheme())
                || ("http".equalsIgnoreCase(url.getScheme()) && callable.test(url));
    }

    /** Whether the egress rules let it be called: its port, and its address if it is one. */
    boolean callable(URI url) {
        return callable.test(url);
    }

    /** The instance's URL without a path. @throws LoginFault if it is refused */
    URI checked(String instanceUrl) {
        URI url = parsed(instanceUrl);
        if (url == null || url.getHost() == null) {
            throw LoginFault.lasting("Salesforce's login answered without a usable instance_url");
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        if (!allowed(host)) {
            throw LoginFault.lasting("Salesforce's login named the instance " + host
                    + ", which is not under the connection's instance suffixes " + String.join(", ", suffixes));
        }
        if (!secure(url)) {
            throw LoginFault.lasting("Salesforce's login named an instance without https: " + host);
        }
        if (!callable(url)) {
            throw LoginFault.lasting("Salesforce's login named the instance " + url.getRawAuthority()
                    + ", whose address or port may not be called");
        }
        return bare(url);
    }

    private static URI parsed(String text) {
        try {
            URI url = URI.create(text);
            boolean bare = url.getRawUserInfo() == null && url.getRawQuery() == null && url.getRawFragment() == null;
            boolean root = url.getRawPath() == null || url.getRawPath().matches("/?");
            return bare && root ? url : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private boolean allowed(String host) {
        boolean literal = IP_LITERAL.matcher(host).matches();
        return suffixes.stream()
                .anyMatch(suffix -> host.equals(suffix)
                        || host.equals("[" + suffix + "]")
                        || (!literal && host.endsWith("." + suffix)));
    }

    private static URI bare(URI url) {
        return URI.create(url.getScheme() + "://" + url.getRawAuthority());
    }
}
