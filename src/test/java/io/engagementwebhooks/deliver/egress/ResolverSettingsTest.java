package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of the name resolver. */
class ResolverSettingsTest {

    @Test
    void by_default_the_name_servers_of_the_machine_are_used() {
        assertEquals(ResolverSettings.DEFAULT, ResolverSettings.of(null, null));
        assertEquals(ResolverSettings.DEFAULT, ResolverSettings.of(" dns ", " "));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.2, 10.0.0.2, 53",
        "10.0.0.2:5353, 10.0.0.2, 5353",
        "fd00::2, fd00::2, 53",
        "[fd00::2], fd00::2, 53",
        "[fd00::2]:5353, fd00::2, 5353",
    })
    void a_name_server_is_an_address_with_or_without_a_port(String text, String address, int port) {
        assertEquals(
                List.of(new InetSocketAddress(address, port)),
                ResolverSettings.of("dns", text).nameServers());
    }

    @Test
    void several_name_servers_keep_their_order() {
        assertEquals(
                List.of(new InetSocketAddress("10.0.0.2", 53), new InetSocketAddress("10.0.0.1", 53)),
                ResolverSettings.of("dns", "10.0.0.2, 10.0.0.1").nameServers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dns.example", "10.0.0.2:0", "10.0.0.2:65536", "10.0.0.256", "[fd00::2]:", ":53"})
    void an_invalid_name_server_is_reported_with_examples(String text) {
        IllegalArgumentException fault =
                assertThrows(IllegalArgumentException.class, () -> ResolverSettings.of("dns", text));
        assertEquals(
                "webhooks.egress.name-servers: '" + text
                        + "' is not an address such as 10.0.0.2, 10.0.0.2:53, fd00::2 or [fd00::2]:53",
                fault.getMessage());
    }

    @Test
    void an_unknown_resolver_and_unused_name_servers_are_refused() {
        assertEquals(
                "webhooks.egress.resolver: 'doh' is neither dns nor system",
                assertThrows(IllegalArgumentException.class, () -> ResolverSettings.of("doh", ""))
                        .getMessage());
        assertEquals(
                "webhooks.egress.name-servers: is not used with webhooks.egress.resolver=system; leave one of the two out",
                assertThrows(IllegalArgumentException.class, () -> ResolverSettings.of("system", "10.0.0.2"))
                        .getMessage());
    }
}
