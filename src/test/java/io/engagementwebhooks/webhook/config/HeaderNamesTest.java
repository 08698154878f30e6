package io.engagementwebhooks.webhook.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderNamesTest {

    /** A request to an org takes by such a name what is another delivery's: no webhook may bring one. */
    @ParameterizedTest
    @CsvSource({
        "x-sfdc-webhook-own, true",
        "X-SFDC-Webhook-Timeout-Ms, true",
        "X-SFDC-Own, false",
        "X-Webhook-Own, false"
    })
    void names_that_steer_requests_to_an_org_are_ours(String name, boolean isRefused) {
        assertEquals(isRefused, HeaderNames.refusalOf(name, new HashSet<>()).isPresent());
    }
}
