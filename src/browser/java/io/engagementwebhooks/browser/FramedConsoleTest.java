package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import com.sun.net.httpserver.HttpServer;
import io.engagementwebhooks.testkit.Documented;
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
    /** May frame the console too, but is not the product of the portal session. */
    private HttpServer neighbor;

    private HttpServer foreign;

    @AutoClose
    private RunningProduct product;

    private volatile String framed = "";
    private volatile boolean renews;

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        listed = host();
        neighbor = host();
        foreign = host();
        product = RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys: [{name: backend, role: admin, key: " + ADMIN + "}]\n",
                "webhooks.console.frame-ancestors=" + origin(listed) + ", " + origin(neighbor));
    }

    @AfterAll
    void stop() {
        listed.stop(0);
        neighbor.stop(0);
        foreign.stop(0);
    }

    /** A product whose page frames the console, takes its height, and gets a new link at {@code /link}. */
    private HttpServer host() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/link", exchange -> {
            byte[] url = (renews ? portal().get("url").asText() : "about:blank").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, url.length);
            exchange.getResponseBody().write(url);
            exchange.close();
        });
        server.createContext("/", exchange -> {
            referrers.addAll(exchange.getRequestHeaders().getOrDefault("Referer", List.of()));
            byte[] page = ("<!doctype html><title>Host</title><h1>The other product</h1><iframe src=\"" + framed
                            + "\" width=\"1000\" height=\"700\"></iframe>" + script())
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** The script of the documentation, which also keeps what it gets. */
    private String script() {
        String site = product.url("/").toString().replaceAll("/$", "");
        String block =
                Documented.page(Path.of("docs", "console.md")).blocks("js").get(0);
        return "<script>window.got = []; addEventListener('message', event => got.push(event.data.webhooks));"
                + block.replace("https://webhooks.example.com", site).replace("/webhooks/link", "/link")
                + "</script>";
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

    private void revoke(JsonNode portal) {
        assertEquals(
                204,
                product.send(product.request(
                                        "/v1/accounts/acme/portal-sessions/"
                                                + portal.get("id").asText(),
                                        ADMIN)
                                .DELETE()
                                .build())
                        .statusCode());
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

        page.frames().get(1).navigate(product.url("/console/settings/api-key").toString());
        console.locator("#name").fill("made-in-a-frame");
        console.locator("button[value=save]").last().click();
        assertThat(console.locator("#secret")).isVisible();

        revoke(portal);
        page.frames().get(1).navigate(product.url("/console/overview").toString());
        assertThat(console.locator("h1")).containsText("Your session has ended");
        assertThat(console.locator("a.primary")).hasAttribute("href", origin(listed) + "/renew");
        assertThat(console.locator("main")).not().containsText("API key");
    }

    @Test
    void without_the_navigation_tabs_stand_on_top_with_the_name_of_the_host_and_no_column_is_left() {
        Page page = chromium.open(URI.create(origin(listed)), Chromium.Theme.LIGHT);
        FrameLocator console = opened(page, listed, portal().get("url").asText());
        assertThat(console.locator("h1")).containsText("Overview");
        assertThat(console.locator(".brand")).containsText("127.0.0.1");
        assertThat(console.locator(".brand")).hasAttribute("href", origin(listed) + "/back");
        BoundingBox frame = page.locator("iframe").boundingBox();
        BoundingBox tabs = console.locator("nav[aria-label=Main]").boundingBox();
        assertTrue(tabs.y < frame.y + 60, "the tabs are at " + (tabs.y - frame.y));
        BoundingBox title = console.locator("h1").boundingBox();
        assertTrue(title.x < frame.x + 60, "the page begins at " + (title.x - frame.x));
        assertThat(console.locator(".chip").first()).hasCSS("border-radius", "99px");
        console.locator("nav[aria-label=Main] a").getByText("Deliveries").click();
        assertThat(console.locator("h1")).containsText("Deliveries");
        console.locator("nav[aria-label=Main] a").getByText("Webhooks").click();
        console.getByText("New webhook").first().click();
        assertThat(console.locator("#name")).isVisible();
    }

    @Test
    void the_height_is_posted_to_the_product_of_the_session_alone() {
        Page page = chromium.open(URI.create(origin(listed)), Chromium.Theme.LIGHT);
        FrameLocator console = opened(page, listed, portal().get("url").asText());
        assertThat(console.locator("h1")).containsText("Overview");
        page.waitForFunction("() => document.querySelector('iframe').style.height");
        page.frames().get(1).navigate(product.url("/console/builder").toString());
        page.waitForFunction("() => parseInt(document.querySelector('iframe').style.height) > 1000");
        page.frames().get(1).waitForFunction("() => document.documentElement.scrollHeight <= innerHeight");
        page.frames().get(1).navigate(product.url("/console/deliveries").toString());
        page.waitForFunction("() => parseInt(document.querySelector('iframe').style.height) < 1000");

        Page beside = chromium.open(URI.create(origin(neighbor)), Chromium.Theme.LIGHT);
        FrameLocator there = opened(beside, neighbor, portal().get("url").asText());
        assertThat(there.locator("h1")).containsText("Overview");
        there.locator("h1").evaluate("h1 => new Promise(requestAnimationFrame)");
        assertEquals(List.of(), beside.evaluate("() => window.got"));
    }

    @Test
    void an_ended_session_is_renewed_in_place_and_what_was_typed_is_kept() {
        Page page = chromium.open(URI.create(origin(listed)), Chromium.Theme.LIGHT);
        JsonNode portal = portal();
        FrameLocator console = opened(page, listed, portal.get("url").asText());
        assertThat(console.locator("h1")).containsText("Overview");
        page.frames()
                .get(1)
                .navigate(product.url("/console/settings/oauth-client").toString());
        console.locator("#name").fill("renewed-in-place");
        console.locator("#clientId").fill("webhooks");
        console.locator("#clientSecret").fill("typed before the end");
        console.locator("#authenticationEndpoint").fill("https://auth.example.com");
        revoke(portal);

        // the address of the tokens may have been asked for before: then the dialog is there already
        console.locator("button.primary[value=save]").evaluate("save => save.click()");
        assertThat(console.locator("#sign-in h1")).hasText("Your session has ended");
        assertThat(console.locator("#sign-in")).not().containsText("API key");
        assertThat(console.locator("#sign-in a.primary")).hasAttribute("href", origin(listed) + "/renew");
        console.locator("#sign-in").getByText("Not now").click();
        renews = true;
        console.locator("button.primary[value=save]").click();
        assertThat(console.locator(".toast")).containsText("Send the form again");
        assertThat(console.locator("#sign-in")).hasCount(0);
        assertThat(console.locator("#clientSecret")).hasValue("typed before the end");
        console.locator("button.primary[value=save]").click();
        assertThat(console.locator("tbody")).containsText("renewed-in-place");
        renews = false;
    }

    @Test
    void a_page_opened_after_the_end_of_a_session_renews_it_and_is_shown() {
        Page page = chromium.open(URI.create(origin(listed)), Chromium.Theme.LIGHT);
        JsonNode portal = portal();
        FrameLocator console = opened(page, listed, portal.get("url").asText());
        assertThat(console.locator("h1")).containsText("Overview");
        revoke(portal);
        renews = true;
        page.frames().get(1).navigate(product.url("/console/events").toString());
        assertThat(console.locator("nav[aria-label=Main] [aria-current]")).containsText("Events");
        renews = false;
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
        page.locator(".brand").click();
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
