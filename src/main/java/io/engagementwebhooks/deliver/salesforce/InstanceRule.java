package io.engagementwebhooks.deliver.salesforce;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The instance URLs that a token response may contain: https, and a host equal to or below one of the connection's
 * suffixes. An IP literal must equal a suffix. Plain http only if the egress rules allow it.
 */
final class InstanceRule {

    /** Hosts that parsers read as an IP address: those whose last label is digits or hex. */
    private static final Pattern IP_LITERAL = Pattern.compile("\\[.*|(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)\\.?");

    private final List<String> suffixes;
    private final Predicate<URI> callable;

    InstanceRule(List<String> suffixes, Predicate<URI> callable) {
        this.suffixes =
                suffixes.stream().map(suffix -> suffix.toLowerCase(Locale.ROOT)).toList();
        this.callable = callable;
    }

    /** The instance's URL without path. @throws LoginFault if it is refused */
    URI checked(String instanceUrl) {
        URI url = parsed(instanceUrl);
        if (url == null || url.getHost() == null) {
            throw LoginFault.lasting("Salesforce's login answered without a usable instance_url");
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        if (!hasAllowedSuffix(host)) {
            throw LoginFault.lasting("Salesforce's login named the instance " + host
                    + ", which is not under the connection's instance suffixes " + String.join(", ", suffixes));
        }
        if (!callable.test(url)) {
            throw LoginFault.lasting("Salesforce's login named the instance " + url
                    + ", whose address or port may not be called, or not without https");
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

    private boolean hasAllowedSuffix(String host) {
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
