package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.TestResources;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** Two instances on a PostgreSQL in which every NOTIFY is lost: changes without a notification are found by polling. */
@Timeout(240)
class LostNewsTest extends TestResources {

    private static final String KEY = "lost-news-admin-key-0123456789";
    private static final int WEBHOOKS = 12;

    @TempDir
    Path folder;

    private final SharedDatabase database = opened(new SharedDatabase());

    /** The function of that name is another one here. */
    @BeforeEach
    void silence() throws SQLException {
        try (Connection connection = Postgres.connect(database.url());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA silent");
            statement.execute("CREATE FUNCTION silent.pg_notify(text, text) RETURNS void LANGUAGE sql AS 'SELECT'");
            statement.execute(
                    "ALTER DATABASE " + database.url().substring(database.url().lastIndexOf('/') + 1)
                            + " SET search_path = public, silent, pg_catalog");
        }
    }

    private RunningProduct instance(String name, URI receiver) {
        return opened(RunningProduct.start(
                folder.resolve(name),
                "accounts:\n  - id: acme\n    apiKeys: [{name: all, role: admin, key: " + KEY + "}]\n    webhooks:\n"
                        + webhook("idle", "other", receiver)
                        + IntStream.range(0, WEBHOOKS)
                                .mapToObj(i -> webhook("w" + i, "t", receiver))
                                .collect(Collectors.joining()),
                database.settings("webhooks.store.lease=3s")));
    }

    private static String webhook(String name, String eventType, URI receiver) {
        return "      - {name: " + name + ", events: [" + eventType + "], delivery: {url: \"" + receiver
                + "\", authentication: {type: none}}}\n";
    }

    private static void posted(int status, RunningProduct to, String path, String type, String body) {
        HttpResponse<String> answer = to.post(path, KEY, type, body);
        assertEquals(status, answer.statusCode(), answer.body());
    }

    /** All three are waited for at once, since an instance looks every five seconds, and finds due deliveries when it looks again. */
    @Test
    void deliveries_states_and_what_is_set_up_reach_the_other_instance_nevertheless() throws SQLException {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                Connection listening = Postgres.connect(database.url());
                Statement statement = listening.createStatement()) {
            statement.execute("LISTEN engagement_webhooks");
            RunningProduct a = instance("a", receiver.url());
            RunningProduct b = instance("b", receiver.url());
            database.awaitShares(128, 128);
            posted(
                    202,
                    a,
                    "/v1/events",
                    "application/cloudevents+json",
                    "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/s\",\"type\":\"t\",\"data\":{}}");
            posted(200, a, "/v1/webhooks/idle/pause", "application/json", "");
            posted(
                    201,
                    a,
                    "/v1/webhooks",
                    "application/json",
                    "{\"name\":\"made\",\"events\":[\"other\"],\"delivery\":{\"url\":\"" + receiver.url()
                            + "\",\"authentication\":{\"type\":\"none\"}}}");

            await().until(() -> receiver.requests().size() == WEBHOOKS);
            await().until(() ->
                    b.read("/v1/webhooks/idle", KEY).path("state").asText().equals("paused"));
            await().until(() -> b.get("/v1/webhooks/made", KEY).statusCode() == 200);
            statement.execute("SELECT 1");
            assertTrue(
                    listening.unwrap(PGConnection.class).getNotifications().length == 0,
                    "nothing was reported, as was meant");
        }
    }
}
