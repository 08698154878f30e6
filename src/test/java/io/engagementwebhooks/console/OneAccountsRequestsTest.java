package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One account sends many requests at once: other accounts are served. */
@Timeout(120)
class OneAccountsRequestsTest {

    private static final String ACME = "acme-admin-key-00000";
    private static final String BETA = "beta-admin-key-00000";
    private static final int FLOOD = 200;

    private final CountDownLatch answered = new CountDownLatch(1);
    private final Receiver hanging = new Receiver(got -> {
        hang();
        return new Receiver.Reply(200, Map.of(), "{\"access_token\":\"t\",\"expires_in\":60}");
    });
    private final Receiver quick =
            new Receiver(got -> new Receiver.Reply(200, Map.of(), "{\"access_token\":\"t\",\"expires_in\":60}"));
    private final HttpClient callers =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private RunningProduct product;

    private void hang() {
        try {
            answered.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @BeforeEach
    void start() {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    oauthClients: [{name: crm, clientId: a, clientSecret: b-secret, authenticationEndpoint: "%s"}]
                  - id: beta
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    oauthClients: [{name: crm, clientId: a, clientSecret: b-secret, authenticationEndpoint: "%s"}]
                """
                        .formatted(ACME, hanging.url(), BETA, quick.url()));
    }

    @AfterEach
    void stop() {
        answered.countDown();
        product.close();
        hanging.close();
        quick.close();
    }

    private CompletableFuture<HttpResponse<String>> test(String key) {
        HttpRequest request = product.request("/v1/oauth-clients/crm/test", key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        return callers.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void hanging_tests_and_two_hundred_requests_of_one_account_do_not_block_another() {
        List<CompletableFuture<HttpResponse<String>>> flood = new ArrayList<>();
        for (int i = 0; i < FLOOD; i++) {
            flood.add(test(ACME));
        }
        Awaitility.await()
                .until(() -> flood.stream().filter(CompletableFuture::isDone).count() >= FLOOD - 2);
        HttpResponse<String> refused = flood.stream()
                .filter(CompletableFuture::isDone)
                .map(CompletableFuture::join)
                .findFirst()
                .orElseThrow();
        assertEquals(429, refused.statusCode(), refused.body());
        assertTrue(refused.headers().firstValue("Retry-After").isPresent());

        HttpResponse<String> ofBeta = test(BETA).join();
        assertEquals(200, ofBeta.statusCode(), ofBeta.body());
        assertTrue(RunningProduct.json(ofBeta).get("ok").asBoolean(), ofBeta.body());
        assertEquals(200, product.get("/v1/deliveries?text=nothing", BETA).statusCode());
        assertEquals(
                202,
                product.postEvent(BETA, "{\"id\": \"1\", \"source\": \"/t\", \"type\": \"a\"}")
                        .statusCode());
        for (String probe : List.of("live", "ready")) {
            HttpRequest asked = HttpRequest.newBuilder(product.managementUrl("/observe/health/" + probe))
                    .build();
            assertEquals(200, product.send(asked).statusCode(), probe);
        }
    }
}
