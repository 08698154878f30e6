package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

/** Events between instances over an unreliable connection. */
@Timeout(300)
class ClusterNotifierTest {

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    @Test
    void a_silently_broken_connection_is_replaced_and_missed_events_are_polled() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(2);
        CountDownLatch heard = new CountDownLatch(1);
        try (SilentProxy way = new SilentProxy(DATABASE.url())) {
            Properties properties = new Properties();
            properties.setProperty("user", Postgres.USER);
            properties.setProperty("socketTimeout", "1");
            ClusterNotifier notifier = new ClusterNotifier(
                    "a", null, () -> DriverManager.getConnection(way.url(), properties), Duration.ofMillis(100));
            notifier.listen(new ClusterNotifier.Listener() {
                @Override
                public void published(ClusterEvent event, WebhookId webhook) {
                    heard.countDown();
                }

                @Override
                public CompletionStage<Integer> discardRequested(
                        WebhookId webhook, List<String> deliveries, String reason) {
                    return null;
                }

                @Override
                public void resumed() {
                    first.countDown();
                    second.countDown();
                }
            });
            assertTrue(first.await(180, TimeUnit.SECONDS));
            way.fallSilent();
            assertTrue(second.await(180, TimeUnit.SECONDS), "it listens again");
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(DATABASE.url());
            source.setUser(Postgres.USER);
            try (ClusterNotifier other = new ClusterNotifier("b", source, null)) {
                other.publish(ClusterEvent.STATE, Set.of(Ids.webhook("acme", "crm")));
                assertTrue(heard.await(180, TimeUnit.SECONDS));
            }
            notifier.close();
        }
    }
}
