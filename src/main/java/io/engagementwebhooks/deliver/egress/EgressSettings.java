package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.webhook.auth.Secret;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The operator's egress settings.
 *
 * @param allow non-public address ranges that are allowed, on any port
 * @param ports allowed ports and port ranges; none: all except those of well-known non-HTTP services
 * @param plainHttp address ranges that are allowed by plain http, in addition to loopback addresses of {@code allow}
 * @param proxy the URL of the outbound proxy, which may hold a password; empty: none
 */
public record EgressSettings(List<String> allow, List<String> ports, List<String> plainHttp, Secret proxy) {

    /** The property of allowed addresses. */
    public static final String ALLOW = "webhooks.egress.allow";

    /** The property of allowed ports. */
    public static final String PORTS = "webhooks.egress.ports";

    /** The property of addresses allowed by plain http. */
    public static final String PLAIN_HTTP = "webhooks.egress.plain-http";

    /** The property of the proxy. */
    public static final String PROXY = "webhooks.egress.proxy";

    /** The default rules. */
    public static final EgressSettings DEFAULT = of("", "", "");

    public EgressSettings {
        allow = List.copyOf(allow);
        ports = List.copyOf(ports);
        plainHttp = List.copyOf(plainHttp);
        Objects.requireNonNull(proxy);
    }

    /** From the properties' values: comma-separated lists, empty or null if not set. */
    public static EgressSettings of(String allow, String ports, String plainHttp) {
        return of(allow, ports, plainHttp, "");
    }

    /** As above, with a proxy; empty or null: none. */
    public static EgressSettings of(String allow, String ports, String plainHttp, String proxy) {
        return new EgressSettings(
                list(allow), list(ports), list(plainHttp), Secret.of(proxy == null ? "" : proxy.strip()));
    }

    /** The texts of a comma-separated list; none if it is empty or null. */
    static List<String> list(String value) {
        return value == null
                ? List.of()
                : Arrays.stream(value.split(","))
                        .map(String::strip)
                        .filter(s -> !s.isEmpty())
                        .toList();
    }
}
