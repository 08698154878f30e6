package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static io.engagementwebhooks.browser.JourneyTest.link;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From "New webhook" to a delivery in Kafka, or by mail. A separate product: its settings name brokers and servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaJourneyTest {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaJourneyTest.class);
    private static final String KEY = "acme-admin-key-of-the-kafka-journey";
    private static final String PASSWORD = "of-the-mailbox";
    private static final KafkaBroker BROKER = KafkaBroker.shared();
    private static final String TOPIC = BROKER.newTopic(1);

    /** Of bodies, with font, style sheet, scripts and icons. */
    private static final int MOST_BYTES = 75_000;

    /** Where pictures of the steps go; empty: none are taken. */
    private static final String PICTURES = System.getProperty("screenshots", "");

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP))
            .withConfiguration(GreenMailConfiguration.aConfig().withUser("u@example.com", "u", PASSWORD));

    private RunningProduct product;

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @BeforeAll
    void start(@TempDir Path folder) {
        mail.start();
        product = RunningProduct.start(
                folder,
                "accounts: [{id: acme, apiKeys: [{name: anna, role: admin, key: " + KEY + "}],"
                        + " signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]}]",
                "webhooks.deliver.kamelets=kafka-sink,mail-sink,http-sink,http-secured-sink,log-sink",
                "webhooks.deliver.kamelet.kafka-sink.bootstrapServers=" + BROKER.brokers(),
                "webhooks.deliver.kamelet.kafka-sink.open=topic",
                "webhooks.deliver.kamelet.mail-sink.connectionHost=127.0.0.1",
                "webhooks.deliver.kamelet.mail-sink.connectionPort="
                        + mail.getSmtp().getPort(),
                "webhooks.deliver.kamelet.mail-sink.username=u",
                "webhooks.deliver.kamelet.mail-sink.from=webhooks@example.com",
                "webhooks.deliver.kamelet.mail-sink.subject=Call",
                "webhooks.deliver.kamelet.mail-sink.open=to,password",
                "webhooks.deliver.kamelet.http-sink.url=http://127.0.0.1:1/",
                "webhooks.deliver.kamelet.http-secured-sink.url=http://127.0.0.1:1/");
    }

    @AfterAll
    void stop() {
        product.close();
        mail.stop();
    }

    @Test
    void calls_go_to_kafka_without_a_word_about_its_servers() {
        Page page = chromium.signedIn(product, KEY, Chromium.Theme.LIGHT);
        link(page, "Webhooks").click();
        link(page, "New webhook").click();
        page.locator("#name").fill("calls-to-kafka");
        page.getByLabel("Call ended").check();
        page.locator("#to-kamelet").check();
        picture(page, "1-gallery");
        page.getByLabel("Search systems").fill("topics");
        assertThat(page.locator(".system:visible")).hasCount(1);
        page.getByLabel("Kafka Sink").check();
        page.getByLabel("Topic Names").fill(TOPIC);
        assertThat(page.locator("#preview")).containsText("SEND Kafka Sink");
        button(page, "Send test").click();
        assertThat(page.locator("#exchange h3").first()).containsText("delivered");
        assertThat(page.locator("#exchange")).containsText("It was accepted without an error.");
        assertEquals(1, BROKER.all(TOPIC).size());
        Chromium.settled(page);
        picture(page, "2-tested");
        button(page, "Create webhook").click();
        assertThat(page.locator("h1")).hasText("calls-to-kafka");
        picture(page, "3-webhook");

        product.postEvent(
                KEY, "{\"id\": \"c-1\", \"source\": \"/calls\", \"type\": \"call.ended\", \"data\": {\"cdr_id\": 7}}");
        page.navigate("/console/deliveries?test=false");
        assertThat(page.locator("tr[id^=line-] .badge")).hasText("delivered");
        page.locator("tbody .what a").click();
        page.waitForURL("**/deliveries/msg_*");
        assertThat(page.locator("#request-1")).containsText("SEND Kafka Sink");
        assertThat(page.locator("#response-1")).hasText("It was accepted without an error.");
        picture(page, "4-delivered");
        assertTrue(BROKER.all(TOPIC).get(1).value().contains("\"cdr_id\": 7"));
        page.navigate("/console/webhooks");
        assertThat(page.locator("tr", new Page.LocatorOptions().setHasText("calls-to-kafka"))
                        .locator("td.host"))
                .hasText("Kafka Sink");
    }

    @Test
    void a_changed_webhook_keeps_its_password_and_a_wrong_one_is_named_in_the_test() throws Exception {
        Page page = chromium.signedIn(product, KEY, Chromium.Theme.DARK);
        page.navigate("/console/builder");
        page.locator("#name").fill("calls-by-mail");
        page.getByLabel("Call missed").check();
        page.locator("#to-kamelet").check();
        page.getByLabel("Mail Sink").check();
        page.getByLabel("To", new Page.GetByLabelOptions().setExact(true)).fill("a@example.com");
        page.locator("[id='kamelet.mail-sink.password']").fill("wrong");
        button(page, "Send test").click();
        assertThat(page.locator("#exchange")).containsText("Kamelet mail-sink failed");
        assertThat(page.locator("#exchange")).containsText("There was no response.");
        Chromium.settled(page);
        page.locator("[id='kamelet.mail-sink.password']").fill(PASSWORD);
        button(page, "Create webhook").click();
        assertThat(page.locator("h1")).hasText("calls-by-mail");

        link(page, "Edit").click();
        assertThat(page.locator("[id='kamelet.mail-sink.password']")).hasValue("");
        page.getByLabel("To", new Page.GetByLabelOptions().setExact(true)).fill("b@example.com");
        button(page, "Save").last().click();
        assertThat(page.locator("h1")).hasText("calls-by-mail");
        button(page, "Send sample event").click();
        assertTrue(mail.waitForIncomingEmail(60_000, 1));
        assertEquals("b@example.com", mail.getReceivedMessages()[0].getAllRecipients()[0].toString());
    }

    @Test
    void the_builder_is_light_when_it_is_opened_first_and_icons_come_when_they_are_seen() {
        Page page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
        // nothing is cached in this window
        page.context()
                .addCookies(chromium.signedIn(product, KEY, Chromium.Theme.LIGHT)
                        .context()
                        .cookies());
        List<Request> requests = new ArrayList<>();
        page.onRequestFinished(requests::add);
        page.navigate("/console/builder");
        assertThat(page.locator("#preview")).not().containsText("would be sent");
        page.waitForLoadState();
        page.evaluate("() => document.fonts.ready");
        List<Request> first = List.copyOf(requests);
        int bytes = first.stream()
                .mapToInt(request -> request.sizes().responseBodySize)
                .sum();
        LOG.info("cost: the builder: {} requests, {} bytes of bodies", first.size(), bytes);
        assertTrue(bytes <= MOST_BYTES, bytes + " bytes");
        assertTrue(first.stream().noneMatch(request -> request.url().contains("-sink")), "no icon is seen yet");
        page.waitForResponse(response -> response.url().contains("/kafka-sink-"), () -> page.locator("#to-kamelet")
                .check());
    }

    /** At three widths. */
    private static void picture(Page page, String name) {
        if (PICTURES.isEmpty()) {
            return;
        }
        for (int width : List.of(390, 1920, 1440)) {
            page.setViewportSize(width, 900);
            page.screenshot(new Page.ScreenshotOptions()
                    .setFullPage(true)
                    .setPath(Path.of(PICTURES, "system-" + name + "-" + width + ".png")));
        }
    }
}
