package io.engagementwebhooks.deliver.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.contentsquare.ContentsquareAccess;
import io.engagementwebhooks.contentsquare.ContentsquareComponent;
import io.engagementwebhooks.contentsquare.ContentsquareConfiguration;
import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.TestResolver;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EnrichmentSendingTest {

    private static final Duration AMPLE = Duration.ofSeconds(60);

    /** The most connections that an account opens to a host at once. */
    private static final int MOST_OPENING = 128;

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final List<String> ON_A_KEPT_CONNECTION = List.of("wait", "body");
    private static final List<String> ON_A_NEW_CONNECTION = List.of("connect", "wait", "body");

    private ContentsquareStandIn contentsquare;
    private EgressClient egress;
    private DefaultCamelContext camel;
    private EnrichmentSending sending;

    @BeforeEach
    void start() throws Exception {
        contentsquare = new ContentsquareStandIn();
        camel = new DefaultCamelContext();
        ContentsquareConfiguration configuration = camel.getComponent("contentsquare", ContentsquareComponent.class)
                .getConfiguration();
        configuration.setAllowPlainHttpLoopback(true);
        egress = new EgressClient(
                new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")),
                "1",
                Clock.systemUTC(),
                TestResolver.OF_MACHINE);
        configuration.setHttpClient(new EgressHttpClient(egress, Clock.systemUTC()));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("direct:send-enrichments").to("contentsquare:enrichments");
            }
        });
        sending = new EnrichmentSending(camel, AttemptTracing.PROPAGATE_ONLY);
        camel.start();
    }

    @AfterEach
    void stop() throws IOException {
        camel.stop();
        egress.close();
        contentsquare.close();
    }

    private Exchange enrichment(int session, String user) {
        return enrichment(session, user, AMPLE);
    }

    private Exchange enrichment(int session, String user, Duration timeout) {
        Exchange exchange = new DefaultExchange(camel);
        DeliveryContext.beginTrial(exchange, new SampleDelivery(contentsquare.tokenUrl()).delivery(), Instant.now());
        exchange.setProperty(
                ContentsquareConstants.ACCESS,
                new ContentsquareAccess(
                        contentsquare.tokenUrl(),
                        ContentsquareStandIn.CLIENT_ID,
                        ContentsquareStandIn.CLIENT_SECRET,
                        null,
                        null,
                        "127.0.0.1",
                        true,
                        timeout,
                        AMPLE,
                        null));
        exchange.getMessage().setHeader(ContentsquareConstants.INTEGRATION_VERSION, 1);
        exchange.getMessage()
                .setBody(Map.of(
                        "projectId",
                        1L,
                        "userId",
                        user,
                        "sessionNumber",
                        session,
                        "enrichmentNumber",
                        1,
                        "enrichment",
                        Map.of("call_duration", 42_000)));
        return exchange;
    }

    private void send(List<Exchange> together) throws Exception {
        sending.send(together).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void a_batch_with_a_delivery_of_another_instance_is_not_sent() throws Exception {
        List<Exchange> together = List.of(enrichment(1, "u"), enrichment(2, "u"));
        together.get(1).setProperty(ContentsquareConstants.BEFORE_SENDING, (Runnable) () -> {
            throw NothingSentException.fenced(Instant.EPOCH);
        });

        send(together);

        assertEquals(List.of(), contentsquare.batches());
        together.forEach(exchange -> assertInstanceOf(
                NothingSentException.class, exchange.getException().getCause()));
    }

    private List<Exchange> sent(int enrichments) throws Exception {
        List<Exchange> together = IntStream.rangeClosed(1, enrichments)
                .mapToObj(session -> enrichment(session, "u"))
                .toList();
        send(together);
        return together;
    }

    private static JsonNode timing(Exchange exchange) throws IOException {
        return EventJson.mapper()
                .readTree(DeliveryContext.of(exchange).request().timing().json());
    }

    private static List<String> parts(Exchange exchange) throws IOException {
        List<String> parts = new ArrayList<>();
        timing(exchange).fieldNames().forEachRemaining(parts::add);
        return parts;
    }

    @Test
    void an_attempt_reports_its_parts_and_a_reused_connection_has_no_connect_time() throws Exception {
        contentsquare.resetNext(1);
        assertEquals(
                List.of("wait"), parts(sent(1).get(0)), "the token's connection, which is closed without an answer");

        assertEquals(ON_A_NEW_CONNECTION, parts(sent(1).get(0)));
        assertEquals(ON_A_KEPT_CONNECTION, parts(sent(1).get(0)));
    }

    @Test
    void each_enrichment_of_a_batch_has_the_time_of_the_whole_call() throws Exception {
        List<Exchange> together = sent(3);

        assertEquals(ON_A_KEPT_CONNECTION, parts(together.get(0)));
        for (Exchange each : together) {
            assertEquals(timing(together.get(0)), timing(each));
        }
    }

    @Test
    void a_batch_resent_in_halves_includes_the_time_of_the_refused_call() throws Exception {
        contentsquare.resetNext(1);
        sent(1);
        contentsquare.failNext(1, 400);

        for (Exchange each : sent(4)) {
            assertEquals(ON_A_NEW_CONNECTION, parts(each), "one half went by the connection of the refused call");
        }
        assertEquals(4, contentsquare.accepted().size());
    }

    @Test
    void a_batch_resent_with_a_new_token_has_the_time_of_both_calls() throws Exception {
        contentsquare.resetNext(1);
        sent(1);
        contentsquare.revokeTokens();

        assertEquals(ON_A_NEW_CONNECTION, parts(sent(1).get(0)), "the refused one opened the connection");
        assertEquals(2, contentsquare.tokenRequests().size());
    }

    /** Semantics 15 and 42: what runs out on our side is no attempt. */
    @Test
    void a_request_that_found_no_connection_in_time_is_not_sent() throws Exception {
        try (RawReceiver silent = new RawReceiver(RawReceiver.Talk::sayNothing)) {
            String url = "https://127.0.0.1:" + silent.port();
            contentsquare.changeTokenAnswers("endpoint", url);
            for (int i = 0; i < MOST_OPENING; i++) {
                egress.begin(
                        new OutgoingRequest(
                                OutgoingRequest.OPERATOR,
                                URI.create(url),
                                "POST",
                                new byte[0],
                                Instant.now().plus(AMPLE)),
                        null);
            }
            Exchange late = enrichment(1, "u", SHORT);

            send(List.of(late));

            NothingSentException unsent = assertInstanceOf(
                    NothingSentException.class, late.getException().getCause());
            assertTrue(unsent.getMessage().contains("none became free"), unsent.getMessage());
        }
    }

    @Test
    void an_abandoned_call_reports_its_wait() throws Exception {
        sent(1);
        contentsquare.hangNext(1);
        Exchange hanging = enrichment(2, "u", SHORT);

        long begun = System.nanoTime();
        send(List.of(hanging));

        assertEquals(List.of("wait"), parts(hanging));
        // the wait begins before the request arrives and lasts until the deadline
        Duration waited = SHORT.minusNanos(contentsquare.hungSince() - begun);
        assertTrue(timing(hanging).get("wait").asDouble() >= waited.toMillis() - 1, timing(hanging) + " of " + waited);
    }
}
