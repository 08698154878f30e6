package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import io.engagementwebhooks.testkit.RunningProduct;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An account with more OAuth clients than a list shows: they are chosen by typing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyClientsTest {

    private static final String ADMIN = "acme-admin-key-of-many-clients";
    private static final int MANY = 201;

    @AutoClose
    private final RunningProduct product =
            RunningProduct.shared("accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN
                    + "}]\n    oauthClients:\n"
                    + IntStream.range(0, MANY)
                            .mapToObj(("      - {name: partner-%03d, clientId: a, clientSecret: s,"
                                    + " authenticationEndpoint: \"https://auth.example.com\"}\n")::formatted)
                            .collect(Collectors.joining()));

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private Page signedIn(Chromium.Theme look) {
        return chromium.signedIn(product, ADMIN, look);
    }

    @ParameterizedTest
    @EnumSource
    void axe_finds_nothing(Chromium.Theme look) {
        Page page = signedIn(look);
        StringBuilder found = new StringBuilder();
        for (String path : List.of(
                "/console/settings/oauth-clients",
                "/console/settings/oauth-clients?text=partner-1",
                "/console/settings/oauth-clients?text=nothing-has-this-name&attention=true")) {
            page.navigate(path);
            AxeTest.check(page, found);
        }
        page.navigate("/console/builder");
        page.locator("input[name=auth][value=oauth2]").check();
        page.locator("#client").pressSequentially("NER-20");
        Locator offered = page.locator("#client-names option");
        assertThat(offered).hasCount(1);
        assertThat(offered).hasAttribute("value", "partner-200");
        AxeTest.checkOpened(page, found);
        page.locator("#client").fill("partner-999");
        assertThat(page.locator("#client-offered")).hasText("No name contains this.");
        AxeTest.checkOpened(page, found);
        assertEquals("", found.toString());
    }

    private static List<String> sent(Page page, String path) {
        List<String> bodies = new CopyOnWriteArrayList<>();
        page.onRequest(request -> {
            if (request.method().equals("POST") && request.url().endsWith(path)) {
                bodies.add(request.postData());
            }
        });
        return bodies;
    }

    @Test
    void enter_in_the_client_field_does_not_save() {
        Page page = signedIn(Chromium.Theme.LIGHT);
        page.navigate("/console/builder");
        List<String> saved = sent(page, "/console/builder");
        page.locator("input[name=auth][value=oauth2]").check();
        page.locator("#client").fill("partner-007");
        page.locator("#client").press("Enter");
        page.locator("#name").fill("typed-later");
        page.locator("#name").press("Enter");

        page.locator("#faults").waitFor();

        assertTrue(saved.get(0).contains("name=typed-later"), saved.toString());
    }

    @Test
    void the_preview_is_updated_when_a_client_is_chosen_and_not_while_its_name_is_typed() {
        Page page = signedIn(Chromium.Theme.LIGHT);
        page.clock().install();
        page.navigate("/console/builder");
        page.locator("input[name=auth][value=oauth2]").check();
        page.clock().runFor(1000);
        Chromium.settled(page);
        List<String> shown = sent(page, "/console/builder-preview");
        page.locator("#client").pressSequentially("part");
        page.clock().runFor(1000);
        page.locator("#client").pressSequentially("ner-007");

        Request picked = page.waitForRequest("**/console/builder-preview", () -> {
            page.locator("#client").blur();
            page.clock().runFor(1000);
        });

        assertTrue(picked.postData().contains("client=partner-007"), picked.postData());
        assertEquals(List.of(picked.postData()), shown);
    }
}
