package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Concurrent requests to the API: an account has a quarter of the server's threads. */
@Timeout(60)
class RequestsAtOnceTest {

    private static final String ACME = "acme-admin-key-00000";
    private static final String BETA = "beta-admin-key-00000";
    private static final int WORKERS = 16;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final CountDownLatch answered = new CountDownLatch(1);
    private final CountDownLatch inside = new CountDownLatch(WORKERS / 4);
    private final List<CompletableFuture<Exchange>> held = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ProducerTemplate callers;

    private static final class NothingKept implements KeyUse.Storage {
        @Override
        public Optional<byte[]> load() {
            return Optional.empty();
        }

        @Override
        public void save(byte[] use) {}
    }

    @BeforeEach
    void start() throws Exception {
        Config config = ConfigReaders.by(url -> Optional.empty())
                .read(
                        """
                        accounts:
                          - {id: acme, apiKeys: [{name: staff, role: admin, key: %s}]}
                          - {id: beta, apiKeys: [{name: staff, role: admin, key: %s}]}
                        """
                                .formatted(ACME, BETA)
                                .getBytes(StandardCharsets.UTF_8),
                        name -> Optional.empty())
                .config();
        Clock clock = Clock.systemUTC();
        CallerAuthentication.Guard guard = new CallerAuthentication.Guard(
                () -> config,
                Optional.<ApiKey>empty(),
                new FailedKeys(clock),
                new KeyRates(0, clock),
                new KeyUse(new NothingKept(), clock),
                ConcurrencyLimit.ofRequests(WORKERS),
                clock,
                ClientAddresses.OF_PEERS);
        context.disableJMX();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:list")
                        .process(new CallerAuthentication(guard, Access.READ))
                        .process(exchange -> {
                            inside.countDown();
                            answered.await();
                        });
                from("direct:show").process(new CallerAuthentication(guard, Access.CHANGE));
                from("direct:send").process(new CallerAuthentication(guard, Access.SEND));
            }
        });
        context.start();
        callers = context.createProducerTemplate();
        for (int i = 0; i < WORKERS / 4; i++) {
            held.add(CompletableFuture.supplyAsync(() -> call("list", ACME), threads));
        }
        inside.await();
    }

    @AfterEach
    void stop() {
        answered.countDown();
        context.stop();
        threads.shutdownNow();
    }

    private Exchange call(String route, String key) {
        return callers.send(
                "direct:" + route, exchange -> exchange.getIn().setHeaders(Map.of("Authorization", "Bearer " + key)));
    }

    @Test
    void an_account_that_has_used_up_its_share_is_refused_and_others_are_answered() {
        ProblemException refused =
                assertInstanceOf(ProblemException.class, call("show", ACME).getException());
        assertEquals(429, refused.problem().status());
        assertEquals("too-many-requests-at-once", refused.problem().code());
        assertEquals(1, refused.problem().retryAfter().toSeconds());
        assertNull(call("show", BETA).getException());
        assertNull(call("send", ACME).getException(), "events are admitted elsewhere");
    }

    @Test
    void an_account_may_call_again_after_its_requests_are_answered() {
        answered.countDown();
        held.forEach(CompletableFuture::join);
        for (int i = 0; i < WORKERS; i++) {
            assertNull(call("show", ACME).getException());
        }
        assertTrue(held.stream().allMatch(call -> call.join().getException() == null));
    }
}
