package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceRuleTest {

    private final InstanceRule rule =
            new InstanceRule(SalesforceConnection.DEFAULT_INSTANCE_SUFFIXES, url -> url.getScheme()
                    .equals("https"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://acme.my.salesforce.com",
                "https://ACME.my.Salesforce.com/",
                "https://acme.force.com",
                "https://acme.my.salesforce-scrt.com",
                "https://acme.my.salesforce.mil:443"
            })
    void instances_under_the_suffixes_are_allowed(String url) {
        assertEquals(url.replaceAll("/$", ""), rule.checked(url).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "acme.my.salesforce.com",
                "http://acme.my.salesforce.com",
                "ftp://acme.my.salesforce.com",
                "https://salesforce.com.evil.example",
                "https://evilsalesforce.com",
                "https://evilsalesforce-scrt.com",
                "https://salesforce.com@evil.example",
                "https://user@acme.my.salesforce.com",
                "https://acme.my.salesforce.com/elsewhere",
                "https://acme.my.salesforce.com?x=1",
                "https://acme.my.salesforce.com#x",
                "https://acme.my.salesforce.com.",
                "https://10.0.0.1",
                "https://[::1]",
                "https://2130706433",
                "https://0x7f.1",
                "https://evil.example\\.salesforce.com",
                "https:///salesforce.com"
            })
    void everything_else_is_refused(String url) {
        assertThrows(LoginFault.class, () -> rule.checked(url));
    }

    @Test
    void an_ip_literal_must_be_the_suffix_exactly() {
        InstanceRule literals = new InstanceRule(List.of("127.0.0.1", "::1", "0.0.1"), url -> true);

        assertEquals(
                "http://127.0.0.1:8443",
                literals.checked("http://127.0.0.1:8443").toString());
        assertEquals(
                "https://[::1]:8443", literals.checked("https://[::1]:8443/").toString());
        assertThrows(LoginFault.class, () -> literals.checked("http://10.127.0.0.1"));
        assertThrows(LoginFault.class, () -> literals.checked("http://10.0.0.1"));
    }

    /** Semantics 30: refused even if a customer allows the address as a suffix, since the login may be at a hostile server. */
    @ParameterizedTest
    @MethodSource("addressesToRefuse")
    void an_instance_at_an_address_that_may_not_be_called_is_refused(String address) {
        EgressRules rules = new EgressRules(EgressSettings.DEFAULT);
        InstanceRule own =
                new InstanceRule(List.of(address), url -> rules.refusal(url).isEmpty());
        String host = address.contains(":") ? "[" + address + "]" : address;
        assertThrows(LoginFault.class, () -> own.checked("https://" + host));
        assertThrows(LoginFault.class, () -> own.checked("http://" + host));
    }

    @Test
    void an_instance_on_a_port_of_another_service_is_refused() {
        EgressRules rules = new EgressRules(EgressSettings.DEFAULT);
        InstanceRule usual = new InstanceRule(SalesforceConnection.DEFAULT_INSTANCE_SUFFIXES, url -> rules.refusal(url)
                .isEmpty());
        assertEquals(
                "https://acme.my.salesforce.com",
                usual.checked("https://acme.my.salesforce.com").toString());
        assertThrows(LoginFault.class, () -> usual.checked("https://acme.my.salesforce.com:25"));
    }

    static Stream<String> addressesToRefuse() throws IOException {
        try (InputStream in = InstanceRuleTest.class.getResourceAsStream("/vectors/addresses-to-refuse.json")) {
            JsonNode list = new ObjectMapper().readTree(in).get("refuse_ip");
            Stream<String> usual =
                    StreamSupport.stream(list.spliterator(), false).map(JsonNode::textValue);
            return Stream.concat(usual.toList().stream(), Stream.of("2130706433", "0x7f.1", "017700000001", "127.1"));
        }
    }
}
