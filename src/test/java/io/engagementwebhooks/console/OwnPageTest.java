package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No link of ours leads to another site. */
class OwnPageTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/overview",
                "/console/deliveries?text=a%20b&status=failed",
                "/console/webhooks/a.b?then=https://b.example//c",
                "/console/builder/x#step-2"
            })
    void pages_of_the_console_are_taken(String address) {
        assertTrue(OwnPage.is(address));
        assertEquals(address, OwnPage.orHome(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/console",
                "/consolex/a",
                "//evil.example/console/",
                "https://evil.example/console/",
                "javascript:alert(1)",
                "console/overview",
                "/console//evil.example",
                "/console/\\evil.example",
                "\\/console/",
                "/console/../../evil",
                "/console/.%2e/evil",
                "/console/%2E%2E/evil",
                "/console/a b",
                "/console/a\tb",
                "/console/\r\nSet-Cookie: a=b",
                "/console/\u0000",
                "/console/?a=\u2028",
                "/console/\u00e9",
                " /console/overview"
            })
    void all_else_is_not(String address) {
        assertFalse(OwnPage.is(address));
        assertEquals("/console", OwnPage.orHome(address));
    }
}
