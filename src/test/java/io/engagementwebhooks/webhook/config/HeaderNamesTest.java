package io.engagementwebhooks.webhook.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderNamesTest {

    /** Requests to an org use such names internally, so a webhook must not set them. */
    @ParameterizedTest
    @CsvSource({
        "x-sfdc-webhook-own, true",
        "X-SFDC-Webhook-Timeout-Ms, true",
        "X-SFDC-Own, false",
        "X-Webhook-Own, false"
    })
    void internal_headers_of_salesforce_requests_are_refused(String name, boolean isRefused) {
        assertEquals(isRefused, HeaderNames.refusalOf(name, new HashSet<>()).isPresent());
    }
}
