package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.engagementwebhooks.testkit.Raw;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.vertx.core.http.HttpServerOptions;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.camel.main.HttpManagementServerConfigurationProperties;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Advisories about the servers of Camel and Vert.x do not apply: deploy/vex.cdx.json says so. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerAdvisoriesTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String COOKIE = "a-cookie-of-the-browser";
    private static final String PROXY = "Basic cHJveHk6c2VjcmV0";
    private static final String EVENT = "{\"id\":\"1\",\"source\":\"/s\",\"type\":\"call.ended\"}";

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                """);

    /** Heads of requests: ingest, the API, the pages, sign-in, preflights, and what does not exist. */
    private Stream<String> requests() {
        String key = product.key(KEY);
        return Stream.of(
                        "POST /v1/events|content-type: application/json\r\ncontent-length: " + EVENT.length(),
                        "GET /v1/webhooks|accept: application/json",
                        "GET /v1/nothing|accept: application/json",
                        "GET /console|accept: text/html",
                        "GET /console/sign-in|accept: text/html",
                        "GET /.well-known/jwks.json|accept: application/json",
                        "OPTIONS /v1/events|access-control-request-method: POST",
                        "OPTIONS /v1/webhooks|access-control-request-method: DELETE")
                .map(request -> request.replace(
                                "|",
                                " HTTP/1.1\r\nhost: x\r\norigin: https://evil.example\r\n"
                                        + "access-control-request-headers: authorization\r\n" + "authorization: Bearer "
                                        + key
                                        + "\r\ncookie: session=" + COOKIE + "\r\nproxy-authorization: " + PROXY
                                        + "\r\nconnection: close\r\n")
                        + "\r\n\r\n" + (request.startsWith("POST") ? EVENT : ""));
    }

    /** CVE-2026-84176: with credentials allowed for any origin, a page of any site reads what a signed-in browser may. */
    @ParameterizedTest
    @MethodSource("requests")
    void no_response_lets_a_page_of_another_site_read_it(String request) {
        assertFalse(head(request).contains("access-control-"), () -> head(request));
    }

    /** CVE-2026-85254: Camel left out headers of requests by their usual spelling; HTTP allows any. */
    @ParameterizedTest
    @MethodSource("requests")
    void credentials_of_a_request_in_small_letters_are_not_in_its_response(String request) {
        Raw.Answer answer = Raw.exchange(product.port(), request);
        assertNotEquals(0, answer.status(), answer.text());
        for (String secret : List.of(product.key(KEY), COOKIE, PROXY)) {
            assertFalse(answer.text().contains(secret), answer.text());
        }
    }

    private String head(String request) {
        Raw.Answer answer = Raw.exchange(product.port(), request);
        assertNotEquals(0, answer.status(), answer.text());
        return answer.text().split("\r\n\r\n")[0].toLowerCase(Locale.ROOT);
    }

    /** CVE-2026-85316: a path that begins with "proxy" made the server a proxy to the host that the request names. */
    @Test
    void a_request_for_another_host_is_not_passed_on() {
        try (Receiver other = new Receiver(got -> new Receiver.Reply(200))) {
            String authority = other.url().getAuthority();
            for (String target : List.of("/proxy", "/proxyStats", "http://" + authority + "/hooks")) {
                Raw.Answer answer =
                        Raw.exchange(product.port(), "GET " + target + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
                assertEquals(404, answer.status(), target);
            }
            assertEquals(List.of(), other.requests());
        }
    }

    /** CVE-2026-93492 and others of HTTP/2. */
    @Test
    void a_connection_speaks_no_http_2() {
        Raw.Answer upgrade = Raw.exchange(
                product.port(),
                "GET /v1/webhooks HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        + "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
        assertEquals(401, upgrade.status(), upgrade.text());

        Raw.Answer preface = Raw.exchange(product.port(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assertEquals("HTTP/2.0 501 Not Implemented", preface.text().split("\r\n")[0], "in text, and not a frame");
    }

    /** CVE-2026-6860 needs host names that are mapped to certificates; HTTP/2 over TLS and CORS would have settings too. */
    @Test
    void no_setting_of_camels_server_turns_on_what_advisories_are_about() {
        HttpServerOptions defaults = new HttpServerOptions();
        assertFalse(defaults.isSni() || defaults.isUseAlpn());
        assertEquals(
                List.of(),
                Stream.of(HttpServerConfigurationProperties.class, HttpManagementServerConfigurationProperties.class)
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .map(Method::getName)
                        .filter(name -> name.matches("(?i).*(sni|alpn|http2|cors|origin).*"))
                        .toList());
    }
}
