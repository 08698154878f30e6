package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Input of a form survives a failed save, secrets too, which no page contains. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailedSaveTest {

    private static final String ADMIN = "acme-admin-key-of-failed-saves";
    private static final String OTHERS = "globex-admin-key-of-failed-saves";
    private static final String SECRET = "s3cret & \"more\"";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(200));

    @AutoClose
    private final Receiver others = new Receiver(got -> new Receiver.Reply(200));

    @AutoClose
    private final StrictTokenServer tokens = new StrictTokenServer("webhooks", SECRET, StrictTokenServer.Way.BASIC);

    @AutoClose
    private final RunningProduct product =
            RunningProduct.shared("accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN
                    + "}]\n  - id: globex\n    apiKeys: [{name: george, role: admin, key: " + OTHERS
                    + "}]\n    webhooks: [{name: of-globex, events: [call.ended], delivery: {url: \"" + others.url()
                    + "\", authentication: {type: none}}}]\n");

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private Page page;

    @BeforeEach
    void signIn() {
        page = chromium.signedIn(product, ADMIN, Chromium.Theme.LIGHT);
    }

    @ParameterizedTest
    @CsvSource({
        "/console/builder, #builder, 4",
        "/console/settings/oauth-client, #thing, 5",
        "/console/settings/salesforce, #thing, 4",
        "/console/settings/contentsquare, #thing, 1",
        "/console/settings/api-key, #thing, 0",
        "/console/settings/signing-key, #thing, 0"
    })
    void typed_input_is_kept(String path, String form, int secrets) {
        page.navigate(path);
        Typing.everywhere(page, form, " typed 'so' <b>\"& ");
        String typed = Typing.fields(page, form);
        page.locator(form).evaluate("form => { form.isOld = true; }");

        page.locator("button.primary[value=save]").click();

        page.locator("#faults").waitFor();
        Chromium.settled(page);
        assertEquals(false, page.locator(form).evaluate("form => !!form.isOld"), "the form came back from the server");
        assertEquals(typed, Typing.fields(page, form));
        assertThat(page.locator(form).locator("input[type=password], textarea[data-secret]"))
                .hasCount(secrets);
    }

    @Test
    void a_password_survives_a_failed_save_a_line_and_a_test_and_is_what_the_receiver_gets() {
        page.navigate("/console/builder");
        page.locator("#name").fill("by-password");
        page.getByLabel("Call ended").check();
        page.locator("#auth-header").check();
        page.locator("#user").fill("us");
        page.locator("#password").fill(SECRET);
        page.locator("#condition-kind-lines").check();
        page.locator("#value-0").fill("1");
        page.locator("#url").fill("nowhere");
        button(page, "Create webhook").click();
        assertThat(page.locator("#url-fault")).isVisible();
        Chromium.settled(page);
        button(page, "Add rule").click();
        assertThat(page.locator(".line")).hasCount(2);
        Chromium.settled(page);
        page.locator("#value-1").fill("2");
        page.locator("#url").fill(receiver.url().toString());
        button(page, "Send test").click();
        assertThat(page.locator("#exchange")).containsText("delivered");
        Chromium.settled(page);
        assertThat(page.locator("#password")).hasValue(SECRET);

        button(page, "Create webhook").click();

        assertThat(page.locator(".notice")).containsText("saved");
        product.postEvent(
                ADMIN, "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {\"duration\": 5}}");
        product.awaitDeliveries(ADMIN, "1", 1, "delivered");
        String pair = Base64.getEncoder().encodeToString(("us:" + SECRET).getBytes(StandardCharsets.UTF_8));
        assertEquals(2, receiver.requests().size());
        receiver.requests().forEach(got -> assertEquals("Basic " + pair, got.header("Authorization")));
    }

    @Test
    void a_client_secret_survives_a_failed_save_and_is_what_the_token_server_gets() {
        page.navigate("/console/settings/oauth-client");
        page.locator("#name").fill("crm");
        page.locator("#clientId").fill("webhooks");
        page.locator("#clientSecret").fill(SECRET);
        button(page, "Test").click();
        assertThat(page.locator("#authenticationEndpoint-fault")).isVisible();
        Chromium.settled(page);
        page.locator("#authenticationEndpoint").fill(tokens.url().resolve("/").toString());

        button(page, "Test").click();

        assertThat(page.locator("#result")).containsText("It works");
    }

    @Test
    void open_sections_stay_open_and_a_section_with_an_error_opens() {
        page.navigate("/console/settings/oauth-client");
        page.locator("#authorizationMethod").selectOption("private_key_jwt");
        button(page, "Test").click();
        assertThat(page.locator("#privateKey-fault")).isVisible();

        page.navigate("/console/builder");
        page.locator("#more-limits > summary").click();
        page.locator("#rate-limit").fill("50/s");
        button(page, "Create webhook").click();
        page.locator("#faults").waitFor();
        assertThat(page.locator("#rate-limit")).isVisible();
        assertThat(page.locator("#headers")).isHidden();
    }

    @Test
    void a_save_without_a_response_says_so_and_keeps_the_input() {
        page.navigate("/console/builder");
        Typing.everywhere(page, "#builder", " typed");
        String typed = Typing.fields(page, "#builder");
        page.route("**/console/builder", Route::abort);

        button(page, "Create webhook").click();

        assertThat(page.locator("#undone")).containsText("It may have been saved");
        assertThat(page.locator("#undone")).not().containsText("Not done");
        assertEquals(typed, Typing.fields(page, "#builder"));

        page.unroute("**/console/builder");
        button(page, "Create webhook").click();
        page.locator("#faults").waitFor();
        assertThat(page.locator("#undone")).hasCount(0);
    }

    @Test
    void a_save_of_a_deleted_resource_says_so_and_keeps_the_input() {
        HttpResponse<String> made = product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                "{\"name\": \"removed\", \"events\": [\"x\"], \"delivery\": {\"url\": \"https://x.example.com\"}}");
        assertEquals(201, made.statusCode(), made.body());
        page.navigate("/console/builder/removed");
        Typing.everywhere(page, "#builder", " typed");
        String typed = Typing.fields(page, "#builder");
        HttpResponse<String> removed = product.send(product.request("/v1/webhooks/removed", ADMIN)
                .header("If-Match", made.headers().firstValue("ETag").orElseThrow())
                .DELETE()
                .build());
        assertEquals(204, removed.statusCode(), removed.body());

        page.locator("button.primary[value=save]").click();

        assertThat(page.locator("#undone")).containsText("no webhook of that name");
        assertEquals(typed, Typing.fields(page, "#builder"));
    }

    @Test
    void a_secret_cleared_after_a_failed_save_stays_empty() {
        page.navigate("/console/builder");
        page.locator("#auth-header").check();
        afterPreview("wrong");
        page.route("**/console/builder", save -> save.fulfill(new Route.FulfillOptions().setStatus(503)));
        button(page, "Create webhook").click();
        assertThat(page.locator("#undone")).containsText("Not done: the server answered 503");

        afterPreview("");

        assertThat(page.locator("#password")).hasValue("");
    }

    /** Types a password; returns after the resulting preview. */
    private void afterPreview(String password) {
        Chromium.settled(page);
        page.waitForResponse(answer -> answer.url().contains("preview"), () -> {
            page.locator("#password").fill(password);
            page.locator("#password").blur();
        });
        Chromium.settled(page);
    }

    @Test
    void a_save_after_the_session_has_ended_signs_in_in_a_dialog_and_works_afterwards() {
        page.navigate("/console/builder");
        page.locator("#name").fill("over-the-end-of-a-session");
        page.getByLabel("Call missed").check();
        page.locator("#url").fill(receiver.url().toString());
        page.locator("#auth-header").check();
        page.locator("#user").fill("us");
        page.locator("#password").fill(SECRET);
        Chromium.settled(page);
        String typed = Typing.fields(page, "#builder");
        double left = page.locator("#step-events").boundingBox().x;
        page.context().clearCookies();

        button(page, "Create webhook").click();

        Locator dialog = page.locator("dialog#sign-in");
        assertThat(dialog.locator("h1")).hasText("Your session has ended");
        assertEquals("", AxeTest.violations(page));
        dialog.getByLabel("API key").fill("wrong");
        inside(dialog, "Sign in").click();
        assertThat(dialog.locator("#key-fault")).isVisible();
        dialog.getByLabel("API key").fill(product.key(ADMIN));
        page.keyboard().press("Enter");
        assertThat(dialog).hasCount(0);
        assertEquals(typed, Typing.fields(page, "#builder"));
        assertThat(page.locator("#password")).hasValue(SECRET);
        assertEquals(left, page.locator("#step-events").boundingBox().x);

        button(page, "Create webhook").click();

        page.locator("#first-signing-key, .webhook-head").first().waitFor();
        assertThat(page.locator("h1")).containsText("over-the-end-of-a-session");
    }

    @Test
    void a_save_after_a_sign_in_in_another_tab_works_the_second_time() {
        page.navigate("/console/settings/oauth-client");
        page.locator("#name").fill("signed-in-elsewhere");
        page.locator("#clientId").fill("webhooks");
        page.locator("#clientSecret").fill(SECRET);
        page.locator("#authenticationEndpoint").fill("https://auth.example.com");
        // asked for after a delay: a request after the sign-in would renew the session before the save
        assertThat(page.locator("#token-url")).hasText("https://auth.example.com/oauth2/token");
        Page other = page.context().newPage();
        Chromium.signIn(other, product.key(ADMIN));

        page.locator("button.primary[value=save]").click();
        assertThat(page.locator(".toast")).containsText("Send the form again");
        page.locator("button.primary[value=save]").click();

        page.waitForURL("**/console/settings/oauth-clients");
        assertThat(page.locator("tbody")).containsText("signed-in-elsewhere");
    }

    @Test
    void a_key_of_another_account_does_not_save_into_it() {
        page.navigate("/console/builder");
        page.locator("#name").fill("of-acme-alone");
        page.context().clearCookies();
        button(page, "Create webhook").click();
        Locator dialog = page.locator("dialog#sign-in");
        dialog.getByLabel("API key").fill(product.key(OTHERS));
        inside(dialog, "Sign in").click();
        assertThat(dialog).containsText("This page is of another account");
        inside(dialog, "Not now").click();
        assertThat(dialog).hasCount(0);
        assertThat(page.locator("#name")).hasValue("of-acme-alone");
        button(page, "Create webhook").click();
        assertThat(dialog).containsText("This page is of another account");
        dialog.getByLabel("API key").fill(product.key(ADMIN));
        inside(dialog, "Sign in").click();
        assertThat(dialog).hasCount(0);
        button(page, "Create webhook").click();
        assertThat(page.locator("#url-fault")).isVisible();
    }

    @Test
    void a_list_shows_nothing_of_another_account_that_signs_in_in_another_tab() {
        product.postEvent(OTHERS, "{\"id\": \"of-globex-1\", \"source\": \"/calls\", \"type\": \"call.ended\"}");
        product.awaitDeliveries(OTHERS, "of-globex-1", 1, "delivered");
        page.navigate("/console/deliveries");
        Chromium.setClock(page);
        Page other = page.context().newPage();
        Chromium.signIn(other, product.key(OTHERS));

        Chromium.poll(page);

        Locator dialog = page.locator("dialog#sign-in");
        assertThat(dialog).containsText("This page is of another account");
        inside(dialog, "Not now").click();
        Chromium.poll(page);
        assertThat(dialog).hasCount(0);
        assertThat(page.locator("#rows")).not().containsText("of-globex");
    }

    @Test
    void a_draft_of_an_ended_session_is_restored_and_saved() {
        page.navigate("/console/builder");
        page.locator("#name").fill("drafted-before-the-end");
        page.getByLabel("Call missed").check();
        page.locator("#url").fill(receiver.url().toString());
        page.locator("#url").blur();
        Chromium.settled(page);
        page.context().clearCookies();
        page.reload();
        page.getByLabel("API key").fill(product.key(ADMIN));
        page.keyboard().press("Enter");
        assertThat(page.locator("#draft-restored")).isVisible();
        Chromium.settled(page);
        button(page, "Create webhook").click();
        page.locator("#first-signing-key, .webhook-head").first().waitFor();
        assertThat(page.locator("h1")).containsText("drafted-before-the-end");
    }

    @Test
    void a_failed_save_does_not_move_the_form_aside() {
        page.navigate("/console/builder");
        double left = page.locator("#step-events").boundingBox().x;
        page.route("**/console/builder", Route::abort);
        button(page, "Create webhook").click();
        assertThat(page.locator("#undone")).isVisible();
        assertEquals(left, page.locator("#step-events").boundingBox().x);
        assertThat(button(page, "Create webhook")).not().hasAttribute("aria-busy", "true");
    }

    @Test
    void without_scripts_a_save_after_the_session_has_ended_leads_over_the_sign_in_back_to_the_form() {
        Page plain = chromium.withoutScripts(product.url("/"));
        Chromium.signIn(plain, product.key(ADMIN));
        plain.navigate("/console/builder");
        plain.context().clearCookies();
        button(plain, "Create webhook").click();
        plain.getByLabel("API key").fill(product.key(ADMIN));
        button(plain, "Sign in").click();
        plain.waitForURL("**/console/builder");
    }

    private static Locator inside(Locator in, String name) {
        return in.getByRole(
                AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
