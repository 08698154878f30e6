package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Semantics 27 and 28, when a URL is configured and when it is called. */
class EgressRulesTest {

    private final EgressRules closed = new EgressRules(EgressSettings.DEFAULT);
    private final EgressRules loopbackOpen = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));

    @Test
    void a_test_inbox_has_separate_connections_that_no_other_url_of_its_host_uses() throws Exception {
        URI inbox = URI.create("http://localhost:8080/inbox/a");
        EgressRules rules = new EgressRules(EgressSettings.DEFAULT, inbox::equals);
        assertTrue(rules.refusal(inbox).isEmpty());
        Destination other = rules.destination(URI.create("http://localhost:8080/v1/events"));
        assertNotEquals(rules.destination(inbox), other);
        assertThrows(EgressRefusedException.class, () -> rules.check(other));
    }

    @ParameterizedTest
    @MethodSource("refusedAddresses")
    void an_address_that_is_not_public_is_refused_at_connect(String address) {
        assertThrows(NotPublicException.class, () -> connect(closed, false, "receiver.example", 443, address));
        assertThrows(EgressRefusedException.class, () -> connect(closed, false, address, 443, address));
    }

    @ParameterizedTest
    @MethodSource("publicAddresses")
    void a_public_address_may_be_called(String address) throws Exception {
        String host = address.contains(":") ? "[" + address + "]" : address;
        assertEquals(1, connect(closed, false, "receiver.example", 443, address).size());
        assertTrue(closed.refusal(URI.create("https://" + host + "/")).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://1.2.3.4.5/",
                "https://256.1.1.1/",
                "https://08.1.1.1/",
                "https://name.0x1/",
                "https://①②⑦.0.0.1/",
                "https://[fe80::1%25eth0]/",
                "https://%31%32%37.0.0.1/",
                "https:///path",
                "https://name:0/",
                "https://name:65536/",
                "https://user@receiver.example/",
                "https://a..b/"
            })
    void a_url_without_a_proper_host_is_refused(String url) {
        assertTrue(closed.refusal(URI.create(url)).isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://crm.example.com/hooks/calls?x=%2B",
                "https://crm_eu.example.com:8443/",
                "https://CRM.example.com./",
                "https://localhost/"
            })
    void a_name_is_checked_at_connect_only(String url) {
        assertTrue(closed.refusal(URI.create(url)).isEmpty());
    }

    @Test
    void an_allowed_address_may_be_called_on_any_port() throws Exception {
        assertEquals(
                1,
                connect(loopbackOpen, false, "receiver.example", 22, "127.0.0.1")
                        .size());
        assertTrue(loopbackOpen.refusal(URI.create("https://127.0.0.1:22/")).isEmpty());
    }

    @Test
    void localhost_keeps_its_allowed_addresses() throws Exception {
        List<InetAddress> callable = connect(loopbackOpen, false, "localhost", 443, "127.0.0.1", "::1");
        assertEquals(List.of(InetAddress.getByName("127.0.0.1")), callable);
    }

    @Test
    void a_port_where_no_http_is_spoken_is_refused() {
        assertEquals(
                "webhooks may not call port 25",
                closed.refusal(URI.create("https://receiver.example:25/")).orElseThrow());
        assertThrows(EgressRefusedException.class, () -> connect(closed, false, "receiver.example", 25, "1.1.1.1"));
        assertTrue(closed.refusal(URI.create("https://receiver.example:8443/")).isEmpty());
    }

    @Test
    void configured_ports_replace_the_default() {
        EgressRules narrow = new EgressRules(EgressSettings.of("", "443, 8000-8999", ""));
        assertTrue(narrow.refusal(URI.create("https://receiver.example/")).isEmpty());
        assertTrue(narrow.refusal(URI.create("https://receiver.example:8080/")).isEmpty());
        assertTrue(narrow.refusal(URI.create("https://receiver.example:9443/")).isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:3000/hooks", "http://127.0.0.1:3000/", "http://192.168.7.20/"})
    void a_url_of_plain_http_to_an_address_that_is_not_public_is_refused_with_both_reasons(String url) {
        String why = closed.refusal(URI.create(url)).orElseThrow();
        assertTrue(why.contains("an address that is not public ("), why);
        assertTrue(why.contains("plain http is not allowed either"), why);
    }

    @Test
    void plain_http_is_sent_to_allowed_addresses_only() throws Exception {
        EgressRules rules = new EgressRules(EgressSettings.of("127.0.0.0/8,10.0.0.0/8", "", "10.1.0.0/16"));
        assertEquals(
                1, connect(rules, true, "receiver.example", 80, "127.0.0.1").size());
        assertEquals(1, connect(rules, true, "receiver.example", 80, "10.1.0.1").size());
        assertThrows(EgressRefusedException.class, () -> connect(rules, true, "receiver.example", 80, "10.2.0.1"));
        assertThrows(EgressRefusedException.class, () -> connect(rules, true, "receiver.example", 80, "1.1.1.1"));
        assertThrows(
                EgressRefusedException.class,
                () -> connect(rules, true, "receiver.example", 80, "127.0.0.1", "1.1.1.1"));
    }

    @Test
    void plain_http_to_a_name_is_refused_in_the_configuration_if_no_range_allows_it() {
        assertTrue(closed.refusal(URI.create("http://receiver.example/")).isPresent());
        assertTrue(
                loopbackOpen.refusal(URI.create("http://receiver.example/")).isEmpty(),
                "a name may lead to a loopback address");
        assertTrue(loopbackOpen.refusal(URI.create("http://localhost/")).isEmpty());
        EgressRules ranges = new EgressRules(EgressSettings.of("10.0.0.0/8", "", "10.1.0.0/16"));
        assertTrue(ranges.refusal(URI.create("http://receiver.example/")).isEmpty(), "its address may be one of these");
        assertTrue(loopbackOpen.refusal(URI.create("http://1.1.1.1/")).isPresent());
    }

    @Test
    void the_customer_does_not_see_the_address_of_a_name() {
        NotPublicException refused =
                assertThrows(NotPublicException.class, () -> connect(closed, false, "crm.example", 443, "10.9.8.7"));
        assertEquals("crm.example", refused.getMessage());
        assertEquals("10.9.8.7 (private network)", refused.detail());
    }

    @Test
    void every_invalid_setting_is_named() {
        EgressSettings faulty = EgressSettings.of("10.0.0.0/33", "https", "fd00::/8,nonsense");
        String message = assertThrows(IllegalArgumentException.class, () -> new EgressRules(faulty))
                .getMessage();
        assertTrue(message.contains("webhooks.egress.allow: '10.0.0.0/33'"), message);
        assertTrue(message.contains("webhooks.egress.ports: 'https'"), message);
        assertTrue(message.contains("webhooks.egress.plain-http: 'nonsense'"), message);
    }

    private static List<InetAddress> connect(
            EgressRules rules, boolean plain, String host, int port, String... addresses) throws Exception {
        InetAddress[] resolved = new InetAddress[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            resolved[i] = InetAddress.getByName(addresses[i]);
        }
        return rules.allowed(plain, host, port, List.of(resolved));
    }

    static Stream<String> refusedAddresses() {
        return vectors("refuse_ip");
    }

    static Stream<String> publicAddresses() {
        return vectors("allow_ip");
    }

    private static Stream<String> vectors(String name) {
        try (InputStream in = EgressRulesTest.class.getResourceAsStream("/vectors/addresses-to-refuse.json")) {
            JsonNode list = new ObjectMapper().readTree(in).get(name);
            return StreamSupport.stream(list.spliterator(), false).map(JsonNode::textValue);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
