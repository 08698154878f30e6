package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.SelectOption;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Engagement Builder in a browser: the first run, the side sheet, and drafts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BuilderTest {

    private static final String ADMIN = "acme-admin-key-of-first-runs";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(200));

    private RunningProduct product;
    private Page page;
    private int clicks;
    private int typed;

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @BeforeEach
    void begin() {
        product = RunningProduct.shared(
                "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN + "}]\n");
        page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
        page.setViewportSize(1440, 900);
    }

    @AfterEach
    void end() {
        product.close();
    }

    private void click(Locator what) {
        clicks++;
        what.click();
    }

    private void type(Locator field, String text) {
        typed++;
        field.fill(text);
    }

    private void signIn() {
        Chromium.signIn(page, product.key(ADMIN));
    }

    @Test
    void the_first_signed_delivery_takes_eight_clicks_and_three_typed_fields() {
        page.navigate("/console/sign-in");
        type(page.getByLabel("API key"), product.key(ADMIN));
        page.keyboard().press("Enter");
        page.waitForURL("**/console/overview");
        click(JourneyTest.link(page, "Webhooks"));
        click(JourneyTest.link(page, "New webhook"));
        type(page.locator("#name"), "first");
        click(page.getByLabel("Call ended"));
        type(page.locator("#url"), receiver.url().toString());
        assertThat(page.locator("#makes-key")).isVisible();
        click(button(page, "Create webhook"));
        assertThat(page.locator("#secret")).hasText(Pattern.compile("whsec_.+"));
        click(JourneyTest.link(page, "Events"));
        click(page.locator("[id='d-call.ended'] > summary"));
        click(page.locator("[id='call.ended'] form button"));
        page.waitForURL("**/console/deliveries?event=*");
        assertThat(page.locator("tr[id^=line-]").first())
                .containsText(Pattern.compile("delivered", Pattern.CASE_INSENSITIVE));
        assertTrue(receiver.requests().get(0).header("webhook-signature").startsWith("v1,"));
        assertTrue(clicks <= 8, "clicks: " + clicks);
        assertTrue(typed <= 3, "typed fields: " + typed);
    }

    @Test
    void an_oauth_client_is_created_in_the_side_sheet_and_then_selected() {
        signIn();
        page.navigate("/console/builder");
        page.locator("#name").fill("by-token");
        page.locator("#auth-header").check();
        page.locator("#password").fill("typed before");
        page.locator("#auth-oauth2").check();
        button(page, "New OAuth client").click();
        assertThat(page.locator("#new-name")).isFocused();
        page.keyboard().press("Escape");
        assertThat(page.locator("#credential-sheet .sheet")).hasCount(0);
        assertThat(page.locator("#new-oauth-client")).isFocused();
        button(page, "New OAuth client").click();
        page.locator("#new-name").fill("crm");
        page.locator("#new-clientId").fill("webhooks");
        page.locator("#new-clientSecret").fill("s3cret");
        button(page, "Create and use").click();
        assertThat(page.locator("#new-authenticationEndpoint-fault")).hasText("Enter the Authentication Endpoint.");
        Chromium.settled(page);
        page.locator("#new-clientSecret").fill("s3cret");
        page.locator("#new-authenticationEndpoint").fill("https://auth.example.com");
        button(page, "Create and use").click();
        assertThat(page.locator("#client")).hasValue("crm");
        assertThat(page.locator("#client")).isFocused();
        assertThat(page.locator("#name")).hasValue("by-token");
        assertThat(page.locator("#password")).hasValue("typed before");
    }

    @Test
    void a_draft_survives_a_reload_without_its_secrets_and_ends_when_it_is_saved() {
        signIn();
        page.navigate("/console/builder");
        page.locator("#name").fill("drafted");
        page.getByLabel("Call missed").check();
        page.locator("#condition-kind-lines").check();
        page.locator("#value-0").fill("7");
        button(page, "Add rule").click();
        assertThat(page.locator(".line")).hasCount(2);
        Chromium.settled(page);
        page.locator("#value-1").fill("8");
        page.locator("#auth-header").check();
        page.locator("#user").fill("us");
        page.locator("#password").fill("a-secret-of-the-draft");
        String stored = (String) page.evaluate("() => JSON.stringify(Object.entries(sessionStorage))");
        assertTrue(stored.contains("drafted") && !stored.contains("a-secret-of-the-draft"), stored);
        page.reload();
        assertThat(page.locator("#draft-restored")).isVisible();
        assertThat(page.locator("#name")).hasValue("drafted");
        assertThat(page.getByLabel("Call missed")).isChecked();
        assertThat(page.locator("#value-1")).hasValue("8");
        assertThat(page.locator("#user")).hasValue("us");
        assertThat(page.locator("#password")).hasValue("");
        Chromium.settled(page);
        page.locator("#auth-none").check();
        page.locator("#url").fill(receiver.url().toString());
        button(page, "Create webhook").click();
        assertThat(page.locator("#first-signing-key")).isVisible();
        page.navigate("/console/builder");
        assertThat(page.locator("#name")).hasValue("");
        assertThat(page.locator("#draft-restored")).hasCount(0);
    }

    @Test
    void nothing_can_be_typed_while_a_draft_is_restored() {
        signIn();
        page.navigate("/console/builder");
        page.locator("#name").fill("drafted-before");
        List<Route> held = new ArrayList<>();
        page.route("**/console/builder", route -> {
            if (route.request().method().equals("POST")) {
                held.add(route);
            } else {
                route.resume();
            }
        });
        page.reload();
        assertThat(page.locator("#builder")).hasAttribute("inert", "");
        page.waitForCondition(() -> !held.isEmpty());
        held.get(0).resume();
        assertThat(page.locator("#draft-restored")).isVisible();
        Chromium.settled(page);
        assertThat(page.locator("#builder")).not().hasAttribute("inert", "");
        assertThat(page.locator("#name")).hasValue("drafted-before");
    }

    @Test
    void the_focused_element_is_never_covered_and_the_preview_stays_in_view() {
        signIn();
        page.navigate("/console/builder");
        Locator last = page.locator(".builder-actions .primary");
        last.focus();
        assertThat(page.locator("#send-test")).isInViewport();
        assertEquals(
                "[]",
                page.evaluate(
                        """
                                () => {
                                  const covered = [];
                                  for (const field of document.querySelectorAll('#builder input:not([type=hidden]), #builder select, #builder button')) {
                                    if (!field.checkVisibility() || field.tabIndex < 0) continue;
                                    field.focus();
                                    const box = field.getBoundingClientRect();
                                    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                                    if (!top || !(field.contains(top) || top.contains(field))) covered.push(field.id || field.name);
                                  }
                                  return JSON.stringify(covered);
                                }"""),
                "covered fields");
    }

    @ParameterizedTest
    @CsvSource({"1440, 900", "1024, 700", "390, 844"})
    void the_whole_pane_of_the_test_is_reached_by_scrolling(int width, int height) {
        signIn();
        page.setViewportSize(width, height);
        page.navigate("/console/builder");
        page.getByLabel("Call ended").check();
        page.locator("#url").fill(receiver.url().toString());
        assertThat(page.locator("#preview pre")).isVisible();
        page.locator("#sample-event > summary").click();
        Locator card = page.locator(".try > .card");
        boolean isBeside = width > 1200;
        for (int to : isBeside ? new int[] {0, 100_000} : new int[] {100_000}) {
            page.evaluate("y => scrollTo(0, y)", to);
            card.evaluate("card => card.scrollTo(0, card.scrollHeight)");
            BoundingBox pane = card.boundingBox();
            assertTrue(pane.y + pane.height <= height, "it ends at " + (pane.y + pane.height));
            // the preview may be renewed right now
            Number end = (Number) page.locator("#preview pre").evaluate("pre => pre.getBoundingClientRect().bottom");
            assertTrue(end.doubleValue() <= pane.y + pane.height, "the request ends at " + end);
            if (isBeside) {
                assertTrue(pane.y >= 0, "it begins at " + pane.y);
            }
        }
    }

    @Test
    void the_result_of_a_test_and_why_none_was_sent_are_shown_beside_its_button() {
        signIn();
        page.navigate("/console/builder");
        page.getByLabel("Call ended").check();
        page.locator("#sample-event > summary").click();
        page.locator("#send-test").click();
        Locator faults = page.locator(".try #faults");
        assertThat(faults).containsText("Test not sent.");
        assertThat(faults).containsText("Enter the URL.");
        assertThat(faults).isInViewport();
        Chromium.settled(page);
        assertThat(page.locator(".try").getByText("Enter the URL.")).hasCount(1);
        assertThat(page.locator("main")).not().containsText("Not saved");
        Chromium.settled(page);
        page.locator("#url").fill(receiver.url().toString());
        page.locator("#send-test").click();
        assertThat(page.locator("#exchange h3").first()).containsText("delivered");
        assertThat(page.locator("#exchange h3").first()).isInViewport();
        assertThat(page.locator(".try #faults")).hasCount(0);
    }

    @Test
    void the_sample_says_what_it_is_and_another_one_is_used_when_it_is_chosen() {
        signIn();
        page.navigate("/console/builder");
        page.getByLabel("Call missed").check();
        Locator chosen = page.getByLabel("Test with");
        Locator shown = page.locator("#sample-shown");
        assertThat(shown).hasText("Call missed");
        assertThat(page.locator("#take-recent")).isHidden();
        Chromium.settled(page);
        chosen.selectOption(new SelectOption().setLabel("Call ended"));
        assertThat(page.locator("#sample")).hasValue(Pattern.compile("sample-call-ended"));
        assertThat(shown).hasText("Call ended");
        assertThat(chosen).hasValue("");
        Chromium.settled(page);
        page.locator("#sample-event > summary").click();
        page.locator("#sample").fill("{\"id\": \"7\", \"source\": \"/s\", \"type\": \"call.missed\"}");
        assertThat(shown).hasText("Call missed 7");
    }

    @Test
    void an_oauth_client_asks_only_for_what_its_method_needs() {
        signIn();
        for (String path : List.of("/console/settings/oauth-client", "/console/builder-new/oauth-client")) {
            page.navigate(path);
            Locator secret = page.getByLabel("Client Secret");
            Locator key = page.getByLabel("Private key", new Page.GetByLabelOptions().setExact(true));
            assertThat(secret).isVisible();
            assertThat(key).isHidden();
            page.getByLabel("Authorization Method").selectOption("private_key_jwt");
            assertThat(secret).isHidden();
            assertThat(key).isVisible();
        }
    }

    @Test
    void every_event_is_said_once_and_the_hint_of_the_address_is_no_complaint() {
        signIn();
        page.navigate("/console/builder");
        assertThat(page.getByText("Every event", new Page.GetByTextOptions().setExact(false)))
                .hasCount(1);
        page.locator("#url").fill(receiver.url().toString());
        assertThat(page.locator("#url-hint")).containsText("usually");
    }

    @Test
    void an_own_event_type_is_added_by_form_and_its_field_is_in_a_rule_of_the_webhook_that_gets_its_sample() {
        signIn();
        page.navigate("/console/events");
        JourneyTest.link(page, "New event type").click();
        page.locator("#type").fill("order.placed");
        page.locator("#title").fill("Order placed");
        page.locator("#schema").fill("{\"properties\": {\"total\": {\"type\": \"number\", \"title\": \"Total\"}");
        page.locator("#sample").fill("{\"total\": 199.5}");
        button(page, "Create").click();
        assertThat(page.locator("#schema-fault")).containsText("cannot be read as JSON");
        Chromium.settled(page);
        page.locator("#schema").fill("{\"properties\": {\"total\": {\"type\": \"number\", \"title\": \"Total\"}}}");
        button(page, "Create").click();
        page.waitForURL("**/console/events?type=order.placed*");
        assertThat(page.locator("[id='order.placed']")).containsText("Order placed");

        page.navigate("/console/builder");
        page.locator("#name").fill("large-orders");
        page.locator("#url").fill(receiver.url().toString());
        page.locator("input[name=event][value='order.placed']").check();
        page.locator("#condition-kind-lines").check();
        page.locator("#field-0").selectOption(new SelectOption().setLabel("Total"));
        page.locator("#comparison-0").selectOption("AT_LEAST");
        page.locator("#value-0").fill("250");
        assertThat(page.locator("#preview .rule-results")).containsText("Total is at least 250");
        page.locator("#value-0").fill("100");
        assertThat(page.locator("#preview")).containsText("matches");
        button(page, "Create webhook").click();
        assertThat(page.locator("#first-signing-key")).isVisible();

        page.navigate("/console/events?type=order.placed");
        page.locator("[id='order.placed'] form button").click();
        page.waitForURL("**/console/deliveries?event=*");
        assertThat(page.locator("tr[id^=line-]").first())
                .containsText(Pattern.compile("delivered", Pattern.CASE_INSENSITIVE));
        assertTrue(
                receiver.requests().stream().anyMatch(request -> request.body().contains("199.5")));
    }

    @Test
    void the_search_hides_types_that_do_not_match() {
        signIn();
        page.navigate("/console/builder");
        page.locator("#event-search").fill("missed");
        assertThat(page.getByLabel("Call missed")).isVisible();
        assertThat(page.getByLabel("Call ended")).isHidden();
        assertThat(page.getByLabel("Text sent")).isHidden();
    }
}
