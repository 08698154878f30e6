package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.SelectOption;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the builder's fields offer, what is cleared with another destination, and messages in the labels of the page. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BuilderFieldsTest {

    @AutoClose
    private final Stage stage = new Stage();

    @AutoClose
    private final StrictTokenServer tokens =
            new StrictTokenServer("webhooks", "another secret", StrictTokenServer.Way.BASIC);

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private Page page;

    @BeforeAll
    void define() {
        HttpResponse<String> made = stage.product.post(
                "/v1/event-types",
                Stage.ADMIN,
                "application/json",
                """
                {"type": "order.placed", "title": "Order placed",
                 "sample": {"shop": "Lund", "grade": "gold"},
                 "schema": {"type": "object", "properties": {
                   "grade": {"type": "string", "title": "Grade", "enum": ["gold", "silver"]},
                   "paid": {"type": "boolean", "title": "Paid"},
                   "at": {"type": "string", "format": "date-time", "title": "Placed at"},
                   "items": {"type": "array", "title": "Items"},
                   "shop": {"type": "string", "title": "Shop"}}}}""");
        assertEquals(201, made.statusCode(), made.body());
        for (String shop : List.of("Lund", "Oslo", "Lund")) {
            stage.product.postEvent(
                    Stage.INGEST,
                    "{\"id\": \"order-%s-%d\", \"source\": \"/shops\", \"type\": \"order.placed\", \"data\": {\"shop\": \"%s\", \"grade\": \"gold\"}}"
                            .formatted(shop, shop.hashCode(), shop));
        }
    }

    @BeforeEach
    void signIn() {
        page = chromium.signedIn(stage.product, Stage.ADMIN, Chromium.Theme.LIGHT);
    }

    private void choose(String type) {
        page.evaluate("() => sessionStorage.clear()");
        page.navigate("/console/builder");
        page.getByLabel(type).check();
        page.locator("#condition-kind-lines").check();
        Chromium.settled(page);
    }

    private void chooseField(String label) {
        page.locator("#field-0").selectOption(new SelectOption().setLabel(label));
        Chromium.settled(page);
    }

    private Object comparisons() {
        return page.locator("#comparison-0")
                .evaluate("list => [...list.options].filter(one => !one.hidden && !one.disabled)"
                        + ".map(one => one.textContent)");
    }

    @Test
    void a_rule_offers_the_comparisons_of_its_fields_type() {
        choose("Call ended");
        chooseField("Outcome");
        List<String> ofText =
                List.of("is", "is not", "contains", "starts with", "is one of", "has a value", "has no value");
        assertEquals(ofText, comparisons());
        chooseField("Duration (seconds)");
        assertEquals(
                List.of(
                        "is",
                        "is not",
                        "is at least",
                        "is at most",
                        "is more than",
                        "is less than",
                        "is at most, or has no value",
                        "is less than, or has no value",
                        "is one of",
                        "has a value",
                        "has no value"),
                comparisons());
        page.locator("#comparison-0").selectOption("AT_LEAST");
        chooseField("Answered");
        assertEquals(List.of("is", "is not", "has a value", "has no value"), comparisons());
        assertThat(page.locator("#comparison-0")).hasValue("IS");
        chooseField("Outcome");
        page.locator("#value-0").fill("missed");
        button(page, "Add rule").click();
        assertThat(page.locator(".line")).hasCount(2);
        Chromium.settled(page);
        assertEquals(ofText, comparisons(), "after the page was renewed");
    }

    @Test
    void a_stored_comparison_that_does_not_suit_its_field_stays() {
        HttpResponse<String> made = stage.product.post(
                "/v1/webhooks",
                Stage.ADMIN,
                "application/json",
                "{\"name\": \"beyond-m\", \"events\": [\"call.ended\"], \"condition\": \".data.outcome >= \\\"m\\\"\","
                        + " \"delivery\": {\"url\": \"" + stage.good.url() + "\"}}");
        assertEquals(201, made.statusCode(), made.body());
        page.navigate("/console/builder/beyond-m");
        Chromium.settled(page);
        assertThat(page.locator("#comparison-0")).hasValue("AT_LEAST");
        button(page, "Save").click();
        page.waitForURL(Pattern.compile("/console/webhooks/wh_"));
    }

    @Test
    void a_rule_offers_the_values_of_the_catalog_the_schema_and_the_last_events() {
        choose("Call ended");
        chooseField("Outcome");
        assertOffered("missed", "dropped", "short", "quality");
        chooseField("Source");
        assertOffered("Autumn campaign");
        chooseField("Answered");
        assertOffered("true", "false");

        choose("Order placed");
        chooseField("Grade");
        assertOffered("gold", "silver");
        chooseField("Shop");
        assertOffered("Lund", "Oslo");
        chooseField("Placed at");
        assertEquals(
                List.of(
                        "is",
                        "is not",
                        "is at least",
                        "is at most",
                        "is more than",
                        "is less than",
                        "is at most, or has no value",
                        "is less than, or has no value",
                        "starts with",
                        "has a value",
                        "has no value"),
                comparisons());
        chooseField("Items");
        assertEquals(List.of("contains", "has a value", "has no value"), comparisons());
    }

    /** The values are asked for when the field gets the focus. */
    private void assertOffered(String... values) {
        Locator field = page.locator("#value-0");
        field.blur();
        field.focus();
        Locator offered = page.locator("datalist#" + field.getAttribute("list") + " option");
        for (String value : values) {
            assertThat(page.locator("datalist#" + field.getAttribute("list") + " option[value='" + value + "']"))
                    .hasCount(1);
        }
        assertEquals(values.length, offered.count());
    }

    @Test
    void another_third_party_clears_the_connection_and_the_result_of_the_test() {
        page.navigate("/console/builder");
        page.locator("#name").fill("to-a-third-party");
        page.getByLabel("Call ended").check();
        page.locator("#to-salesforce").check();
        Locator connection = page.locator("#connection");
        connection.selectOption("sales");
        assertThat(connection.locator("option[data-type=contentsquare]")).hasCount(1);
        assertEquals(
                "none",
                connection.locator("option[data-type=contentsquare]").evaluate("one => getComputedStyle(one).display"));
        page.locator("#object").fill("Task");
        Chromium.settled(page);
        page.locator("#send-test").click();
        page.locator("#exchange").waitFor();
        Chromium.settled(page);

        page.locator("#to-contentsquare").check();

        assertThat(connection).hasValue("");
        assertThat(page.locator("#exchange")).hasCount(0);
    }

    @Test
    void a_missing_user_is_asked_for_by_its_label() {
        page.navigate("/console/builder");
        page.locator("#name").fill("by-user");
        page.getByLabel("Call ended").check();
        page.locator("#url").fill(stage.good.url().toString());
        page.locator("#auth-header").check();
        button(page, "Create webhook").click();
        assertThat(page.locator("#user-fault")).hasText("Enter the user and password.");
        assertThat(page.locator("#faults")).not().containsText("Authorization header");
        assertThat(page.locator("#faults a[href='#user']")).hasCount(1);
    }

    @Test
    void the_hints_of_a_failed_test_use_the_labels_of_the_page() {
        page.navigate("/console/settings/oauth-client");
        page.locator("#name").fill("hinted");
        page.locator("#clientId").fill("webhooks");
        page.locator("#clientSecret").fill("wrong");
        page.locator("#authenticationEndpoint").fill(tokens.url().resolve("/").toString());
        button(page, "Test").click();
        assertThat(page.locator("#result")).containsText("Authorization Method “Body”");
        assertThat(page.locator("#result")).not().containsText("authorizationMethod");
        Chromium.settled(page);
        page.locator("#authenticationEndpoint").fill(stage.good.url().toString());
        page.locator("#clientSecret").fill("wrong");
        button(page, "Test").click();
        assertThat(page.locator("#result"))
                .containsText(Pattern.compile("Check Authentication Endpoint and Token Path"));
        assertThat(page.locator("#result")).not().containsText("tokenPath");
    }
}
