package io.engagementwebhooks.server;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;

/**
 * Keeps credentials out of Camel's messages, where a tracer, a {@code log} step or JMX would show them. {@link
 * CallerAuthentication} reads them from the request itself. All other headers are mapped as by default.
 */
public final class CredentialHeaderFilter extends HttpHeaderFilterStrategy {

    private static final Set<String> NAMES = Set.of("authorization", "proxy-authorization", "cookie");

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return NAMES.contains(name.toLowerCase(Locale.ROOT))
                || super.applyFilterToExternalHeaders(name, value, exchange);
    }
}
