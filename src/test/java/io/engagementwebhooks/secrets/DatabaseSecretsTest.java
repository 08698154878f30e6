package io.engagementwebhooks.secrets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The password and the key of a store in PostgreSQL, and the tokens that are kept there. */
@Timeout(300)
class DatabaseSecretsTest {

    private static final String KEY = "database-admin-key-0123456789";

    private final Marker marker = new Marker();
    private final Emitted emitted = new Emitted();

    @Test
    void neither_log_nor_jmx_nor_database_shows_password_key_token_or_client_secret(@TempDir Path folder)
            throws Exception {
        String database = Postgres.newDatabase();
        try (LogOfEverything log = new LogOfEverything();
                Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                Receiver idp = new Receiver(got -> new Receiver.Reply(
                        200,
                        Map.of("Content-Type", "application/json"),
                        "{\"access_token\":\"" + marker.token("token")
                                + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}"))) {
            String config =
                    """
                    accounts:
                      - id: acme
                        apiKeys:
                          - {name: all, role: admin, key: %s}
                        oauthClients:
                          - {name: idp, clientId: we, clientSecret: "%s", authenticationEndpoint: "%s", tokenPath: ""}
                        webhooks:
                          - name: calls
                            events: [call.ended]
                            delivery: {url: "%s", authentication: {type: oauth2, client: idp}}
                    """
                            .formatted(KEY, marker.token("secret"), idp.url(), receiver.url());
            try (RunningProduct product = RunningProduct.start(folder, config, settings(database))) {
                product.post(
                        "/v1/events",
                        KEY,
                        "application/cloudevents+json",
                        "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/c\",\"type\":\"call.ended\",\"data\":{}}");
                product.awaitDeliveries(KEY, "e1", 1, "delivered");
                Jmx.writeTo(emitted, product.camel(), operation -> true, Map.of());
                emitted.add("database", everythingIn(database));
            }
            IllegalStateException refused = assertThrows(
                    IllegalStateException.class,
                    () -> RunningProduct.start(
                            folder.resolve("b"), "accounts: []", settings(database + "_that_is_not_there")));
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                emitted.add("a start that fails", cause.toString());
            }
            log.writeTo(emitted);
        }
        Postgres.drop(database);
        assertTrue(emitted.at("database").contains("config-files"), "the database was read");
        assertTrue(emitted.at("a start that fails").contains("_that_is_not_there cannot be used"), "it says why");
        assertTrue(emitted.characters() > 100_000, emitted.characters() + " characters were searched");
        assertEquals(List.of(), emitted.leaks(marker));
    }

    private String[] settings(String database) {
        return new String[] {
            "webhooks.store.url=" + database,
            "webhooks.store.user=" + Postgres.USER,
            "webhooks.store.password=" + marker.token("password"),
            "webhooks.store.key=" + Base64.getEncoder().encodeToString(marker.bytes(32)),
            "camel.management.port=" + FreePort.any()
        };
    }

    /** Every row of every table, binary as hex and as it is. */
    private static String everythingIn(String database) throws SQLException {
        StringBuilder all = new StringBuilder();
        try (Connection connection = Postgres.connect(database)) {
            for (String table : List.of("setting", "claim", "event", "delivery", "attempt", "webhook", "instance")) {
                try (Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT t::text FROM " + table + " t")) {
                    while (rows.next()) {
                        all.append(table).append(' ').append(rows.getString(1)).append('\n');
                    }
                }
            }
        }
        return all.toString();
    }
}
