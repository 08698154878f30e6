package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.testkit.Receiver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.KameletMain;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in {@code routes/} run on what the Camel CLI runs them on, with the steps of our jar. */
@Timeout(120)
class CamelCliTest {

    private static final String KEY = "a-key-of-acme-that-may-send";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"prod", "dev"})
    void the_same_routes_take_an_event_in_and_send_it_under_the_main_of_the_camel_cli(String profile) throws Exception {
        KameletMain main = new KameletMain("engagement-webhooks");
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(204))) {
            Settings settings = settings(receiver.url());
            main.setDownload(false);
            main.setInitialProperties(settings.properties());
            main.addInitialProperty("camel.main.profile", profile);
            main.addInitialProperty("camel.main.routesIncludePattern", "file:routes/*.camel.yaml");
            main.bind(Wiring.SETTINGS, settings);
            main.configure().addConfiguration(Wiring.class);

            main.start();
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(main) + "/v1/events"))
                                    .header("Authorization", "Bearer " + KEY)
                                    .header("Content-Type", "application/cloudevents+json")
                                    .POST(HttpRequest.BodyPublishers.ofString(WholeProduct.callEnded("e1")))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertEquals(202, answer.statusCode(), answer.body());
            assertEquals("{\"id\":\"e1\",\"deliveries\":2}", answer.body());
            WholeProduct.await(() -> receiver.requests().size() == 2);
        } finally {
            main.stop();
        }
    }

    private static int port(KameletMain main) {
        return main.lookup(VertxPlatformHttpRouter.getRouterNameFromPort(0), VertxPlatformHttpRouter.class)
                .getServer()
                .getPort();
    }

    private Settings settings(URI receiver) throws Exception {
        Path config = Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: platform, role: ingest, key: %s}]
                    webhooks:
                      - {name: plain, events: ["*"], delivery: {url: "%s", authentication: {type: none}}}
                      - {name: partner, events: ["*"], delivery: {url: "%s", authentication: {type: header, user: u, password: p}}}
                """
                        .formatted(KEY, receiver, receiver));
        Files.writeString(
                folder.resolve("application.properties"),
                """
                webhooks.config=file:%s
                webhooks.egress.allow=127.0.0.0/8
                webhooks.store.url=jdbc:sqlite:%s
                camel.server.host=127.0.0.1
                camel.server.port=0
                camel.management.enabled=false
                """
                        .formatted(config, folder.resolve("webhooks.db")));
        return Settings.read(folder, Map.of(), new Properties());
    }
}
