package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
}
