package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.webhook.Secret;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What an operator opens or narrows.
 *
 * @param allow ranges of addresses that may be called although they are not public, on any port
 * @param ports ports and ranges of ports that may be called; none: any but those of well-known non-HTTP services
 * @param plainHttp ranges of addresses that may be called by plain http, beside loopback addresses of {@code allow}
 * @param proxy the proxy through which everything leaves, which may hold a password; empty: none
 */
public record EgressSettings(List<String> allow, List<String> ports, List<String> plainHttp, Secret proxy) {

    /** The property that opens addresses. */
    public static final String ALLOW = "webhooks.egress.allow";

    /** The property that narrows ports. */
    public static final String PORTS = "webhooks.egress.ports";

    /** The property that opens addresses for plain http. */
    public static final String PLAIN_HTTP = "webhooks.egress.plain-http";

    /** The property that names the proxy. */
    public static final String PROXY = "webhooks.egress.proxy";

    /** Nothing opened, nothing narrowed. */
    public static final EgressSettings DEFAULT = of("", "", "");

    public EgressSettings {
        allow = List.copyOf(allow);
        ports = List.copyOf(ports);
        plainHttp = List.copyOf(plainHttp);
        Objects.requireNonNull(proxy);
    }

    /** From the properties' values: lists with commas, empty or null where nothing is set. */
    public static EgressSettings of(String allow, String ports, String plainHttp) {
        return of(allow, ports, plainHttp, "");
    }

    /** As above, through a proxy; empty or null: none. */
    public static EgressSettings of(String allow, String ports, String plainHttp, String proxy) {
        return new EgressSettings(
                list(allow), list(ports), list(plainHttp), Secret.of(proxy == null ? "" : proxy.strip()));
    }

    private static List<String> list(String value) {
        return value == null
                ? List.of()
                : Arrays.stream(value.split(","))
                        .map(String::strip)
                        .filter(s -> !s.isEmpty())
                        .toList();
    }
}
