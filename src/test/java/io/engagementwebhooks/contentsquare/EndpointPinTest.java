package io.engagementwebhooks.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.credential.CachedToken.Life;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointPinTest {

    private final EndpointPin pin = new EndpointPin("contentsquare.com", false);

    @ParameterizedTest
    @CsvSource({
        "https://contentsquare.com, https://contentsquare.com/v1/enrichments",
        "https://api.eu-west-1.contentsquare.com/, https://api.eu-west-1.contentsquare.com/v1/enrichments",
        "https://API.ContentSquare.COM, https://API.ContentSquare.COM/v1/enrichments",
        "https://api.contentsquare.com:8443/base, https://api.contentsquare.com:8443/base/v1/enrichments",
        "https://api.contentsquare.com/v1/enrichments, https://api.contentsquare.com/v1/enrichments",
        "https://api.contentsquare.com/v1/enrichments//, https://api.contentsquare.com/v1/enrichments"
    })
    void the_path_is_added_only_where_it_is_missing(String endpoint, URI url) {
        assertEquals(url, enrichmentsUrl(pin, endpoint));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evilcontentsquare.com",
                "https://contentsquare.com.evil.example",
                "https://contentsquare.com.",
                "https://evil.example/contentsquare.com",
                "https://contentsquare.com@evil.example",
                "https://evil.example?x=.contentsquare.com",
                "https://evil.example#.contentsquare.com",
                "https://evil.example\\.contentsquare.com",
                "https://127.0.0.1",
                "http://127.0.0.1",
                "http://api.contentsquare.com",
                "ftp://api.contentsquare.com",
                "//api.contentsquare.com",
                "api.contentsquare.com",
                "https:///v1",
                "not a url",
                ""
            })
    void anything_but_https_to_a_host_under_the_suffix_is_refused(String endpoint) {
        String fault = assertThrows(IllegalArgumentException.class, () -> enrichmentsUrl(pin, endpoint))
                .getMessage();
        assertTrue(fault.contains("must "), fault);
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.1, https://127.0.0.1",
        "127.0.0.1, https://127.0.0.2",
        "1, https://127.0.0.1",
        "10.0.0.1, https://a.10.0.0.1",
        "127.0.0.1, https://evil.127.0.0.1",
        "[::1], https://[::2]"
    })
    void an_address_matches_itself_only(String suffix, String endpoint) {
        EndpointPin address = new EndpointPin(suffix, false);
        assertThrows(IllegalArgumentException.class, () -> enrichmentsUrl(address, endpoint));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, http://127.0.0.1:8080", "127.0.0.2, http://127.0.0.2", "[::1], http://[::1]:8080"})
    void plain_http_to_loopback_is_allowed_by_its_option(String suffix, String endpoint) {
        assertEquals(URI.create(endpoint + "/v1/enrichments"), enrichmentsUrl(new EndpointPin(suffix, true), endpoint));
        EndpointPin strict = new EndpointPin(suffix, false);
        assertThrows(IllegalArgumentException.class, () -> enrichmentsUrl(strict, endpoint));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, http://localhost",
        "10.0.0.1, http://10.0.0.1",
        "127.1, http://127.1",
        "127.0.0.1.example.com, http://127.0.0.1.example.com",
        "contentsquare.com, http://127.0.0.1"
    })
    void plain_http_to_other_addresses_is_refused(String suffix, String endpoint) {
        EndpointPin lenient = new EndpointPin(suffix, true);
        assertThrows(IllegalArgumentException.class, () -> enrichmentsUrl(lenient, endpoint));
    }

    @Test
    void a_suffix_other_than_a_host_is_refused() {
        for (String good : new String[] {"contentsquare.com", "127.0.0.1", "[::1]", "Contentsquare.COM"}) {
            assertTrue(EndpointPin.faultOfSuffix(good).isEmpty(), good);
        }
        for (String bad :
                new String[] {null, "", ".com", "com.", "https://a.com", "a.com:1", "a.com/", "*.com", "a b"}) {
            assertFalse(EndpointPin.faultOfSuffix(bad).isEmpty(), bad);
        }
    }

    private static URI enrichmentsUrl(EndpointPin pin, String endpoint) {
        return new IssuedToken("token", pin.endpoint(endpoint), Life.UNLIMITED).enrichmentsUrl();
    }
}
