package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressesTest {

    private static final String PROXY = "10.0.0.1";

    private final ClientAddresses addresses = ClientAddresses.behind("10.0.0.0/8, fd00::/8");

    private static MultiMap headers(String... namesAndValues) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    @Test
    void headers_of_an_untrusted_peer_are_ignored() {
        MultiMap headers = headers("X-Forwarded-For", "203.0.113.7", "Forwarded", "for=203.0.113.7");

        assertEquals("198.51.100.9", addresses.of("198.51.100.9", headers));
        assertEquals(PROXY, ClientAddresses.OF_PEERS.of(PROXY, headers));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.7                              | 203.0.113.7",
                "203.0.113.7, 10.1.2.3                    | 203.0.113.7",
                "1.1.1.1, 203.0.113.7, 10.1.2.3, 10.4.5.6 | 203.0.113.7",
                "203.0.113.7:4711                         | 203.0.113.7",
                "2001:db8::1                              | 2001:db8:0:0:0:0:0:1",
                "[2001:db8::1]:4711, fd00::1              | 2001:db8:0:0:0:0:0:1",
                "10.1.2.3, 10.4.5.6                       | 10.1.2.3"
            })
    void the_first_untrusted_hop_from_the_right_is_the_client(String header, String client) {
        assertEquals(client, addresses.of(PROXY, headers("X-Forwarded-For", header)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "for=203.0.113.7                                            | 203.0.113.7",
                "For=203.0.113.7;proto=https;by=10.0.0.1                    | 203.0.113.7",
                "proto=https; for=203.0.113.7                               | 203.0.113.7",
                "for=1.1.1.1, for=\"203.0.113.7:4711\";host=\"a,b;c\"       | 203.0.113.7",
                "for=\"[2001:db8::1]:4711\", for=10.1.2.3                   | 2001:db8:0:0:0:0:0:1"
            })
    void forwarded_is_read_as_rfc_7239_writes_it(String header, String client) {
        assertEquals(client, addresses.of(PROXY, headers("Forwarded", header)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "unknown", "203.0.113.7, rubbish", "203.0.113.7,", "example.com", "1.2.3", "fe80::1%eth0"})
    void an_invalid_address_leaves_the_address_of_the_proxy(String header) {
        assertEquals(PROXY, addresses.of(PROXY, headers("X-Forwarded-For", header)));
        assertEquals(PROXY, addresses.of(PROXY, headers("Forwarded", "for=" + header)));
    }

    @Test
    void an_invalid_hop_leaves_the_last_trusted_proxy() {
        assertEquals("10.1.2.3", addresses.of(PROXY, headers("X-Forwarded-For", "203.0.113.7, _hidden, 10.1.2.3")));
        assertEquals(PROXY, addresses.of(PROXY, headers("Forwarded", "proto=https")));
        assertEquals(PROXY, addresses.of(PROXY, headers()));
    }

    @Test
    void several_lines_are_one_list() {
        assertEquals(
                "203.0.113.7",
                addresses.of(PROXY, headers("X-Forwarded-For", "1.1.1.1, 203.0.113.7", "X-Forwarded-For", "10.1.2.3")));
    }

    @Test
    void a_header_forwarded_from_the_client_has_no_effect() {
        // the proxy writes one of the two, the client the other
        MultiMap headers = headers("X-Forwarded-For", "203.0.113.7", "Forwarded", "for=192.0.2.1");
        assertEquals(PROXY, addresses.of(PROXY, headers));

        MultiMap agreeing = headers("X-Forwarded-For", "203.0.113.7", "Forwarded", "for=203.0.113.7");
        assertEquals("203.0.113.7", addresses.of(PROXY, agreeing));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "fd00::/129", "10.0.0.0/x", "proxy.example.com", "10.0.0.0/-1", "10.0.0"})
    void an_invalid_range_is_named(String range) {
        IllegalArgumentException fault =
                assertThrows(IllegalArgumentException.class, () -> ClientAddresses.behind("10.0.0.0/8, " + range));
        assertTrue(fault.getMessage().contains("'" + range + "'"), fault.getMessage());
    }

    @Test
    void a_single_address_is_a_range_of_one() {
        ClientAddresses one = ClientAddresses.behind(PROXY);

        assertEquals("203.0.113.7", one.of(PROXY, headers("X-Forwarded-For", "203.0.113.7")));
        assertEquals("10.0.0.2", one.of("10.0.0.2", headers("X-Forwarded-For", "203.0.113.7")));
    }
}
