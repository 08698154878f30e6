package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.SigningKey.Scheme;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The examples of RFC 9421 (appendix B.2), RFC 9530 (appendix D) and RFC 9651. */
class SignatureBaseTest {

    private static final String ED25519_KEY =
            """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
            -----END PRIVATE KEY-----
            """;
    private static final String SHARED_SECRET =
            "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

    @Test
    void a_request_is_signed_by_ed25519_as_in_b_2_6() {
        SignatureBase base = new SignatureBase()
                .cover("date", "Tue, 20 Apr 2021 02:07:55 GMT")
                .cover("@method", "POST")
                .cover("@path", "/foo")
                .cover("@authority", "example.com")
                .cover("content-type", "application/json")
                .cover("content-length", "18")
                .with(parameters("created", 1618884473L, "keyid", "test-key-ed25519"));
        assertEquals(
                """
                "date": Tue, 20 Apr 2021 02:07:55 GMT
                "@method": POST
                "@path": /foo
                "@authority": example.com
                "content-type": application/json
                "content-length": 18
                "@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")\
                ;created=1618884473;keyid="test-key-ed25519\"""",
                text(base));
        assertEquals(
                ":wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
                signature(Scheme.V1A, ED25519_KEY, base));
    }

    @Test
    void a_request_is_signed_by_hmac_as_in_b_2_5() {
        SignatureBase base = new SignatureBase()
                .cover("date", "Tue, 20 Apr 2021 02:07:55 GMT")
                .cover("@authority", "example.com")
                .cover("content-type", "application/json")
                .with(parameters("created", 1618884473L, "keyid", "test-shared-secret"));
        assertEquals(
                "(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"",
                base.input());
        assertEquals(
                ":pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:", signature(Scheme.V1, "whsec_" + SHARED_SECRET, base));
    }

    @Test
    void whitespace_around_a_value_is_not_signed_and_whitespace_within_it_is() {
        SignatureBase base = new SignatureBase().cover("content-type", " \ttext/plain;  charset=utf-8\t ");
        assertEquals(
                "\"content-type\": text/plain;  charset=utf-8\n\"@signature-params\": (\"content-type\")", text(base));
    }

    @Test
    void covering_a_component_twice_is_refused() {
        SignatureBase base = new SignatureBase().cover("@method", "POST");
        assertThrows(IllegalArgumentException.class, () -> base.cover("@method", "POST"));
    }

    @Test
    void a_body_has_the_digest_of_rfc_9530() {
        assertEquals("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:", digest("{\"hello\": \"world\"}"));
        assertEquals("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", digest("{\"hello\": \"world\"}\n"));
        assertEquals("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", digest(""));
    }

    @Test
    void strings_and_bytes_are_written_as_structured_fields() {
        assertEquals("\"a \\\"b\\\" \\\\c~\"", StructuredField.string("a \"b\" \\c~"));
        assertEquals("\"\"", StructuredField.string(""));
        assertEquals("::", StructuredField.bytes(new byte[0]));
        assertEquals(
                ":cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg==:",
                StructuredField.bytes("pretend this is binary content.".getBytes(StandardCharsets.US_ASCII)));
        for (String not : new String[] {"é", "a\nb", "\u007f"}) {
            assertThrows(IllegalArgumentException.class, () -> StructuredField.string(not));
        }
    }

    private static Map<String, Object> parameters(String first, Object value, String second, Object other) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put(first, value);
        parameters.put(second, other);
        return parameters;
    }

    private static String signature(Scheme scheme, String material, SignatureBase base) {
        return StructuredField.bytes(new SigningKey("k", scheme, Secret.of(material)).sign(base.bytes()));
    }

    private static String text(SignatureBase base) {
        return new String(base.bytes(), StandardCharsets.US_ASCII);
    }

    private static String digest(String body) {
        return ContentDigest.of(body.getBytes(StandardCharsets.UTF_8));
    }
}
