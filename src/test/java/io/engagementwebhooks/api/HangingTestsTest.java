package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** As many tests as are allowed hang: ingest keeps all its threads, and each account leaves tests to the next. */
@Timeout(120)
class HangingTestsTest {

    private static final List<String> ACCOUNTS = List.of("acme", "beta", "gamma", "delta");

    /** Those of OAuth clients are last: a token request ends after ten seconds. */
    private static final List<String> TESTS =
            List.of("/v1/webhooks/crm/test", "/v1/connections/insights/test", "/v1/oauth-clients/crm/test");

    private static final String ACCOUNT =
            """
              - id: %1$s
                apiKeys: [{name: staff, role: admin, key: %2$s}]
                oauthClients: [{name: crm, clientId: a, clientSecret: b-secret, authenticationEndpoint: "%3$s"}]
                connections:
                  - name: insights
                    type: contentsquare
                    tokenUrl: "%3$s"
                    clientId: a
                    clientSecret: b-secret
                    scope: enrichment
                    integrationVersion: 1
                    endpointSuffix: 127.0.0.1
                    schema: [{name: answered, type: BOOL, optional: true}]
                webhooks:
                  - name: crm
                    events: [call.ended]
                    delivery: {url: "%3$s", timeout: 30s, authentication: {type: none}}
            """;

    private final Semaphore begun = new Semaphore(0);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Receiver hanging = new Receiver(got -> {
        begun.release();
        await(ended);
        return new Receiver.Reply(200, Map.of(), "{\"access_token\":\"t\",\"expires_in\":60}");
    });
    private final HttpClient callers =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<CompletableFuture<HttpResponse<String>>> tests = new ArrayList<>();
    private RunningProduct product;

    @BeforeEach
    void start() {
        URI url = URI.create("http://127.0.0.1:" + hanging.port() + "/token");
        product = RunningProduct.shared(ACCOUNTS.stream()
                .map(account -> ACCOUNT.formatted(account, key(account), url))
                .collect(Collectors.joining("", "accounts:\n", "")));
    }

    @AfterEach
    void stop() {
        ended.countDown();
        product.close();
        hanging.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String key(String account) {
        return account + "-admin-key-00000";
    }

    /** Starts a test and returns when it hangs. */
    private void hang(String account, String path) throws InterruptedException {
        HttpRequest request = product.request(path, key(account))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        tests.add(callers.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
        begun.acquire();
    }

    private void assertRefused(String account, String path) {
        HttpResponse<String> refused = product.post(path, key(account), "application/json", "{}");
        assertEquals(429, refused.statusCode(), refused.body());
        assertTrue(refused.body().contains("other tests are running; try again in a few seconds"), refused.body());
        assertTrue(refused.headers().firstValue("Retry-After").isPresent());
    }

    /** Returns when each thread of ingest runs a task at the same time; one account may use half of them. */
    private void useAllThreadsOfIngest() throws InterruptedException {
        FairExecutor ingest = product.part("webhooksIngestThreads", FairExecutor.class);
        int threads = product.part(Wiring.SETTINGS, Settings.class).ingestWorkers();
        CountDownLatch running = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            ingest.execute(product.account(ACCOUNTS.get(i % 2)), () -> {
                running.countDown();
                await(running);
            });
        }
        running.await();
    }

    @Test
    void events_of_all_accounts_and_requests_of_others_are_answered_while_tests_hang() throws InterruptedException {
        for (String path : TESTS) {
            hang("acme", path);
            hang("acme", path);
            assertRefused("acme", path);
            hang("beta", path);
            hang("gamma", path);
            assertRefused("delta", path);
        }

        useAllThreadsOfIngest();
        for (String account : ACCOUNTS) {
            HttpResponse<String> accepted =
                    product.postEvent(key(account), "{\"id\": \"1\", \"source\": \"/t\", \"type\": \"a\"}");
            assertEquals(202, accepted.statusCode(), accepted.body());
        }
        for (String account : ACCOUNTS.subList(1, ACCOUNTS.size())) {
            HttpResponse<String> read = product.get("/v1/deliveries", key(account));
            assertEquals(200, read.statusCode(), read.body());
        }

        ended.countDown();
        tests.forEach(test -> assertEquals(200, test.join().statusCode(), test.join()::body));
    }
}
