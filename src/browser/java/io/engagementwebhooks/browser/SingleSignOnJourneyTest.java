package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sign-in with an OpenID provider in a real browser: cookies work after the return from another site, and the content
 * policy allows the redirect.
 */
class SingleSignOnJourneyTest {

    @TempDir
    Path folder;

    @Test
    void a_user_of_the_provider_returns_to_the_requested_page_and_signs_out() throws Exception {
        MockOAuth2Server provider = new MockOAuth2Server();
        provider.start(InetAddress.getLoopbackAddress(), 0);
        int port = FreePort.any();
        try (RunningProduct product = RunningProduct.start(
                        folder,
                        "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: acme-admin-key-for-sso}]\n",
                        "camel.server.port=" + port,
                        "webhooks.egress.plain-http=127.0.0.0/8",
                        "webhooks.console.oidc.issuer=http://127.0.0.1:"
                                + provider.issuerUrl("acme").port() + "/acme",
                        "webhooks.console.oidc.client-id=console",
                        "webhooks.console.oidc.client-secret=the-client-secret-never-shown",
                        "webhooks.console.oidc.redirect-url=http://127.0.0.1:" + port + "/console/sign-in/return");
                Chromium chromium = new Chromium()) {
            provider.enqueueCallback(new DefaultOAuth2TokenCallback(
                    "acme",
                    "alice",
                    "JWT",
                    List.of("console"),
                    Map.of("account", "acme", "role", "admin", "email", "alice@example.com"),
                    3600));
            Page page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
            page.navigate("/console/webhooks");
            assertEquals("", AxeTest.violations(page));

            page.getByText("Sign in with your organization").click();
            page.waitForURL("**/console/webhooks");
            assertThat(page.locator("body")).containsText("alice@example.com");

            page.getByLabel("Account menu").click();
            page.getByText("Sign out").click();
            page.waitForURL("**/console/sign-in**");
            page.navigate("/console/webhooks");
            assertThat(page.getByLabel("API key")).isVisible();
        } finally {
            provider.shutdown();
        }
    }
}
