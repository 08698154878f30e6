package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.await;
import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One branch of the deliver room that an operator has stopped: our fault is not their attempt (promise 8). A product of its
 * own, with two workers and a route of one's own, whose routes each test stops and starts again.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoppedBranchTest {

    private static final int EVENTS = 8;
    /** The route behind that of a destination of one's own. */
    private static final String BEHIND = "call-crm";

    private static final String STOPPED =
            "route '%s' of this installation is stopped, or was being replaced; its operator can start it over JMX";
    private static final String OWN_ROUTES =
            """
            - route:
                id: deliver-to-crm
                group: deliver
                from:
                  uri: direct:deliver-crm
                  steps:
                    - setProperty: {id: crm-accounts, name: webhookAccounts, constant: "*"}
                    - doTry:
                        id: try-crm
                        steps:
                          - process: {id: crm-build-request, ref: buildRequest}
                          - process: {id: crm-sign-request, ref: signRequest}
                          - to: {id: hand-to-call-crm, uri: "direct:call-crm", parameters: {block: "false"}}
                        doCatch:
                          - id: crm-failed
                            exception: [java.lang.Throwable]
                            steps:
                              - process: {id: crm-judge-failure, ref: judgeFailure}
            - route:
                id: call-crm
                group: deliver
                errorHandler: {noErrorHandler: {}}
                from:
                  uri: direct:call-crm
                  steps:
                    - to:
                        id: crm-call-receiver
                        uri: receiver:webhook
                    - process: {id: crm-judge-answer, ref: judgeResponse}
            """;

    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
    private RunningProduct product;
    private WholeProduct whole;
    private RunningProduct account;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (RouteFile file : RouteFile.all()) {
            Files.copy(RouteFile.FOLDER.resolve(file.name()), routes.resolve(file.name()));
        }
        Files.writeString(routes.resolve("35-deliver-crm.camel.yaml"), OWN_ROUTES);
        product = RunningProduct.start(folder, WholeProduct.NO_ACCOUNTS, "webhooks.deliver.threads=2");
    }

    @BeforeEach
    void addAccount() {
        whole = new WholeProduct(product);
        receiver.requests().clear();
    }

    @AfterEach
    void closeAccount() {
        whole.close();
    }

    @AfterAll
    void close() {
        product.close();
        receiver.close();
    }

    private void route(String id, String operation) throws Exception {
        ObjectName name = new ObjectName(
                "org.apache.camel:context=" + product.camel().getName() + ",type=routes,name=" + ObjectName.quote(id));
        ManagementFactory.getPlatformMBeanServer().invoke(name, operation, null, null);
    }

    @ParameterizedTest
    @CsvSource({"stop, start", "suspend, resume"})
    void what_goes_by_it_waits_without_an_attempt_while_others_are_sent(String leave, String comeBack)
            throws Exception {
        account = whole.start(webhook("header", receiver.url(), "authentication: {type: header, user: u, password: p}")
                + webhook("oauth2", receiver.url(), "authentication: {type: oauth2, client: crm}"));
        route("deliver-header", leave);
        for (int i = 0; i < EVENTS; i++) {
            assertEquals(2, whole.accept(callEnded("e" + i)));
        }
        for (int i = 0; i < EVENTS; i++) {
            String event = "e" + i;
            whole.await(event, "oauth2", DeliveryState.DELIVERED);
            await(() -> STOPPED.formatted("deliver-header")
                    .equals(whole.delivery(event, "header").reason()));
            assertEquals(DeliveryState.WAITING, whole.delivery(event, "header").state());
            assertEquals(0, whole.delivery(event, "header").attempts());
        }
        assertEquals(EVENTS, receiver.requests().size());

        route("deliver-header", comeBack);
        for (int i = 0; i < EVENTS; i++) {
            whole.await("e" + i, "header", DeliveryState.DELIVERED);
            assertEquals(1, whole.attempts("e" + i, "header").size());
        }
        assertEquals(2 * EVENTS, receiver.requests().size());
    }

    /** What an operator stops on the way to a destination of one's own: its route, one behind that, one before it. */
    @ParameterizedTest
    @CsvSource({
        "deliver-to-crm, stop, start",
        "deliver-to-crm, suspend, resume",
        BEHIND + ", stop, start",
        "deliver-custom, stop, start"
    })
    void a_destination_of_ones_own_says_which_of_its_routes_is_stopped_and_uses_up_no_attempt(
            String route, String leave, String comeBack) throws Exception {
        account = whole.start(webhook("own", receiver.url(), "authentication: {type: custom, destination: crm}"));
        isReportedAndWaitsWithoutAnAttempt("own", route, leave, comeBack);
        assertEquals(1, receiver.requests().size());
    }

    @Test
    void a_route_in_the_midst_of_the_branch_that_is_stopped_uses_up_no_attempt() throws Exception {
        account = whole.start(WholeProduct.toContentsquare("sessions"));
        isReportedAndWaitsWithoutAnAttempt("sessions", "enrich-session", "stop", "start");
    }

    private void isReportedAndWaitsWithoutAnAttempt(String webhook, String route, String leave, String comeBack)
            throws Exception {
        route(route, leave);
        whole.accept(callEnded("e1"));
        await(() -> whole.delivery("e1", webhook).reason() != null);

        DeliveryRow waiting = whole.delivery("e1", webhook);
        assertEquals(STOPPED.formatted(route), waiting.reason());
        assertEquals(DeliveryState.WAITING, waiting.state());
        assertEquals(0, waiting.attempts());
        assertEquals(0, receiver.requests().size());

        route(route, comeBack);
        if (route.equals(BEHIND)) {
            // it may have sent something, so that it would be tried again after ten seconds only
            String retry = "/v1/deliveries/" + waiting.id() + "/retry";
            assertEquals(
                    202,
                    account.post(retry, WholeProduct.KEY, "application/json", "{}")
                            .statusCode());
        }
        whole.await("e1", webhook, DeliveryState.DELIVERED);
        assertEquals(1, whole.attempts("e1", webhook).size());
    }
}
