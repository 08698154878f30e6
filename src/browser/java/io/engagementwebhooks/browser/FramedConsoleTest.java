package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The console in a frame of another product with another origin. The framing settings need their own product. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FramedConsoleTest {

    private static final String ADMIN = "acme-admin-key-for-frames";

    private final List<String> referrers = new CopyOnWriteArrayList<>();
    private HttpServer listed;
    private HttpServer foreign;

    @AutoClose
    private RunningProduct product;

    private volatile String framed = "";

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        listed = host();
        foreign = host();
        product = RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys: [{name: backend, role: admin, key: " + ADMIN + "}]\n",
                "webhooks.console.frame-ancestors=" + origin(listed));
    }

    @AfterAll
    void stop() {
        listed.stop(0);
        foreign.stop(0);
    }

    /** A product whose page frames the console. */
    private HttpServer host() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            referrers.addAll(exchange.getRequestHeaders().getOrDefault("Referer", List.of()));
            byte[] page = ("<!doctype html><title>Host</title><h1>The other product</h1><iframe src=\"" + framed
                            + "\" width=\"1000\" height=\"700\"></iframe>")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String origin(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private JsonNode portal() {
        return RunningProduct.json(product.post(
                "/v1/accounts/acme/portal-sessions",
                ADMIN,
                "application/json",
                "{\"role\": \"admin\", \"navigation\": false, \"theme\": \"dark\", \"return\": \"" + origin(listed)
                        + "/back\", \"renew\": \"" + origin(listed) + "/renew\"}"));
    }

    private FrameLocator opened(Page page, HttpServer host, String url) {
        framed = url;
        page.navigate(origin(host) + "/");
        return page.frameLocator("iframe");
    }

    @Test
    void a_listed_origin_frames_the_console_which_signs_in_works_and_leads_back() {
        Page page = chromium.open(URI.create(origin(listed)), Chromium.Theme.LIGHT);
        JsonNode portal = portal();
        FrameLocator console = opened(page, listed, portal.get("url").asText());
        assertThat(console.locator("h1")).containsText("Overview");
        assertThat(console.locator("nav[aria-label=Main]")).hasCount(0);

        page.frames().get(1).navigate(product.url("/console/settings/api-key").toString());
        console.locator("#name").fill("made-in-a-frame");
        console.locator("button[value=save]").last().click();
        assertThat(console.locator("#secret")).isVisible();

        assertEquals(
                204,
                product.send(product.request(
                                        "/v1/accounts/acme/portal-sessions/"
                                                + portal.get("id").asText(),
                                        ADMIN)
                                .DELETE()
                                .build())
                        .statusCode());
        page.frames().get(1).navigate(product.url("/console/overview").toString());
        assertThat(console.locator("h1")).containsText("Your session has ended");
        assertThat(console.locator("a.primary")).hasAttribute("href", origin(listed) + "/renew");
    }

    @Test
    void a_link_opened_outside_a_frame_asks_first_and_is_not_sent_to_the_other_product() {
        Page page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
        String url = portal().get("url").asText();
        page.navigate(url);
        page.getByText("Sign in").last().click();
        page.waitForURL("**/console/overview");
        referrers.clear();
        framed = "about:blank";
        page.locator(".portal-bar a").click();
        page.waitForURL(origin(listed) + "/back");
        String token = url.substring(url.indexOf('=') + 1);
        assertFalse(referrers.toString().contains(token), referrers.toString());
        assertTrue(referrers.stream().noneMatch(referrer -> referrer.contains("/console")), referrers.toString());
    }

    @Test
    void another_origin_frames_nothing() {
        Page page = chromium.open(URI.create(origin(foreign)), Chromium.Theme.LIGHT);
        List<String> refused = new CopyOnWriteArrayList<>();
        page.onConsoleMessage(message -> refused.add(message.text()));
        opened(page, foreign, portal().get("url").asText());
        page.waitForCondition(() -> refused.stream().anyMatch(text -> text.contains("frame-ancestors")));
        assertFalse(page.frames().get(1).content().contains("Sign in"));
    }

    @Test
    void a_page_of_a_session_by_key_cannot_be_framed() {
        Page page = chromium.signedIn(product, ADMIN, Chromium.Theme.LIGHT);
        List<String> refused = new CopyOnWriteArrayList<>();
        page.onConsoleMessage(message -> refused.add(message.text()));
        opened(page, listed, product.url("/console/overview").toString());
        page.waitForCondition(() -> refused.stream().anyMatch(text -> text.contains("frame-ancestors")));
    }
}
