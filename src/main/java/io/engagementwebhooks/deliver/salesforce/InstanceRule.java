package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.credential.TrustedHosts;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * The instance URLs that a token response may contain: https, and a host equal to or below one of the connection's
 * suffixes. An IP literal must equal a suffix. Plain http only if the egress rules allow it.
 */
final class InstanceRule {

    private final TrustedHosts hosts;
    private final Predicate<URI> callable;

    InstanceRule(List<String> suffixes, Predicate<URI> callable) {
        this.hosts = new TrustedHosts(suffixes);
        this.callable = callable;
    }

    /** The instance's URL without path. @throws LoginFault if it is refused */
    URI checked(String instanceUrl) {
        URI url = parsed(instanceUrl);
        if (url == null || url.getHost() == null) {
            throw LoginFault.lasting("Salesforce's login answered without a usable instance_url");
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        if (!hosts.covers(host)) {
            throw LoginFault.lasting("Salesforce's login named the instance " + host
                    + ", which is not under the connection's instance suffixes " + hosts);
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

    private static URI bare(URI url) {
        return URI.create(url.getScheme() + "://" + url.getRawAuthority());
    }
}
