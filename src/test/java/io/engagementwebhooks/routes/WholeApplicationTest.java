package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.operate.Settings;
import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.testkit.Receiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.BeanInject;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.EndpointInject;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.apache.camel.test.main.junit5.Configure;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The application as camel-main makes it of the real routes and {@link Wiring}, seen between its rooms. */
@Timeout(300)
@CamelMainTest(
        propertyPlaceholderLocations = "file:application.properties",
        properties = {
            "camel.main.routesIncludePattern=file:routes/*.camel.yaml",
            "camel.server.host=127.0.0.1",
            "camel.server.port=0",
            "camel.management.enabled=false"
        },
        mockEndpoints = "direct:*")
class WholeApplicationTest {

    private static final String KEY = "a-key-of-acme-that-may-send";
    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: platform, role: ingest, key: %s}]
                webhooks:
                  - {name: plain, events: [call.ended], delivery: {url: "%s", authentication: {type: none}}}
                  - {name: partner, events: ["call.*"], delivery: {url: "%s", authentication: {type: header, user: u, password: p}}}
                  - {name: missed, events: [call.missed], delivery: {url: "%s", authentication: {type: none}}}
            """;

    @TempDir
    static Path folder;

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @BeanInject
    CamelContext camel;

    @EndpointInject("mock:direct:deliver-unauthenticated")
    MockEndpoint unauthenticated;

    @EndpointInject("mock:direct:deliver-header")
    MockEndpoint header;

    @EndpointInject("mock:direct:deliver-oauth2")
    MockEndpoint oauth2;

    @EndpointInject("mock:direct:record-outcome")
    MockEndpoint record;

    @Configure
    void wire(MainConfigurationProperties main) {
        main.addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext camel) throws Exception {
                camel.getRegistry().bind(Wiring.SETTINGS, settings());
                new Wiring().configure(camel);
            }
        });
    }

    private Settings settings() {
        try {
            URI url = receiver.url();
            Path config = Files.writeString(folder.resolve("webhooks.yaml"), CONFIG.formatted(KEY, url, url, url));
            Files.writeString(
                    folder.resolve("application.properties"),
                    "webhooks.config=file:" + config
                            + "\nwebhooks.egress.allow=127.0.0.0/8\nwebhooks.store.url=jdbc:sqlite:"
                            + folder.resolve("webhooks.db") + "\n");
            return Settings.read(folder, Map.of(), new Properties());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void an_event_goes_through_the_rooms_once_for_each_webhook_that_asks_for_it() throws Exception {
        unauthenticated.expectedMessageCount(1);
        header.expectedMessageCount(1);
        oauth2.expectedMessageCount(0);
        record.expectedMessageCount(2);

        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/v1/events"))
                                .header("Authorization", "Bearer " + KEY)
                                .header("Content-Type", "application/cloudevents+json")
                                .POST(HttpRequest.BodyPublishers.ofString(WholeProduct.callEnded("e1")))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertEquals(202, answer.statusCode(), answer.body());
        assertEquals("{\"id\":\"e1\",\"deliveries\":2}", answer.body());
        MockEndpoint.assertIsSatisfied(camel);
        record.getExchanges().forEach(tried -> assertEquals(new Outcome.Delivered(""), DeliveryContext.outcome(tried)));
        assertEquals(2, receiver.requests().size());
    }

    private int port() {
        return camel.getRegistry()
                .lookupByNameAndType(VertxPlatformHttpRouter.getRouterNameFromPort(0), VertxPlatformHttpRouter.class)
                .getServer()
                .getPort();
    }
}
