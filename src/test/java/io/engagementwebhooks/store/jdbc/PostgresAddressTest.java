package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleIntake;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresAddressTest {

    /** As in docs/scaling.md; the first port is closed. */
    @Test
    void of_several_servers_the_writable_one_is_used() {
        String one = Postgres.newDatabase();
        String several =
                one.replaceFirst("//", "//127.0.0.1:1,") + (one.contains("?") ? "&" : "?") + "targetServerType=primary";
        assertEquals(Optional.empty(), PostgresAddress.fault(several));

        try (PostgresStore store =
                PostgresStore.open(new PostgresAddress(several, Postgres.USER, Optional.empty()), Clock.systemUTC())) {
            assertEquals(
                    "e1",
                    store.events()
                            .accept(List.of(SampleIntake.event("e1").intake()))
                            .toCompletableFuture()
                            .join()
                            .get(0)
                            .eventId());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db.example.com:5432/webhooks, jdbc:postgresql://db.example.com:5432/webhooks",
        "jdbc:postgresql://db/webhooks?user=us@tenant&sslmode=require, jdbc:postgresql://db/webhooks",
        "'jdbc:postgresql://one:5432,two:5433/webhooks', 'jdbc:postgresql://one:5432,two:5433/webhooks'",
        "jdbc:postgresql://[::1]:5432/webhooks, jdbc:postgresql://[::1]:5432/webhooks",
        "jdbc:postgresql:///webhooks, jdbc:postgresql:///webhooks",
        "jdbc:postgresql:webhooks, jdbc:postgresql:webhooks",
    })
    void a_url_without_a_password_has_no_fault_and_is_shown_without_its_parameters(String url, String shown) {
        assertEquals(Optional.empty(), PostgresAddress.fault(url));
        assertEquals(shown, address(url).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://us:planted@db:5432/webhooks",
                "jdbc:postgresql://us:planted@db/webhooks?sslmode=require",
                "jdbc:postgresql://us:pl@nted/planted@db/webhooks",
                "jdbc:postgresql://us:planted?@db/webhooks",
                "jdbc:postgresql:us:planted@db/webhooks",
            })
    void a_user_and_password_before_the_host_are_a_fault_and_shown_nowhere(String url) {
        List<String> said = new ArrayList<>();
        Logger driver = Logger.getLogger("org.postgresql");
        Handler ears = new Handler() {
            @Override
            public void publish(LogRecord line) {
                said.add(line.getMessage() + ' ' + List.of(line.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Level level = driver.getLevel();
        driver.setLevel(Level.ALL);
        driver.addHandler(ears);
        try {
            said.add(PostgresAddress.fault(url).orElseThrow());
            assertFalse(address(url).isSafe());
        } finally {
            driver.removeHandler(ears);
            driver.setLevel(level);
        }
        said.add(address(url).toString());
        assertTrue(said.stream().noneMatch(line -> line.contains("planted")), said.toString());
        assertEquals(2, said.size(), "the driver was asked: " + said);
    }

    private static PostgresAddress address(String url) {
        return new PostgresAddress(url, "", Optional.empty());
    }
}
