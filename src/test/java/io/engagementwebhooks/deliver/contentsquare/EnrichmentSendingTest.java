package io.engagementwebhooks.deliver.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.contentsquare.ContentsquareAccess;
import io.engagementwebhooks.contentsquare.ContentsquareComponent;
import io.engagementwebhooks.contentsquare.ContentsquareConfiguration;
import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.contentsquare.ContentsquareException;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.SampleDelivery;
import java.time.Duration;
import java.time.Instant;
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

    private ContentsquareStandIn contentsquare;
    private DefaultCamelContext camel;
    private EnrichmentSending sending;

    @BeforeEach
    void start() throws Exception {
        contentsquare = new ContentsquareStandIn();
        camel = new DefaultCamelContext();
        ContentsquareConfiguration configuration = camel.getComponent("contentsquare", ContentsquareComponent.class)
                .getConfiguration();
        configuration.setAllowPlainHttpLoopback(true);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("direct:send-enrichments").to("contentsquare:enrichments");
            }
        });
        sending = new EnrichmentSending(camel, AttemptTracing.TOLD_ONLY);
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
        contentsquare.close();
    }

    private Exchange enrichment(int session, String user) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.setProperty(Progress.DELIVERY, new SampleDelivery(contentsquare.tokenUrl()).delivery());
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
                        AMPLE,
                        AMPLE));
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
    void of_a_batch_that_cannot_even_be_sent_only_the_bad_record_fails() throws Exception {
        List<Exchange> together = IntStream.rangeClosed(1, 9)
                .mapToObj(session -> enrichment(session, session == 6 ? "\u3000" : "u"))
                .toList();

        send(together);

        assertEquals(8, contentsquare.accepted().size());
        for (int i = 0; i < together.size(); i++) {
            if (i == 5) {
                assertInstanceOf(ContentsquareException.class, together.get(i).getException());
            } else {
                assertNull(together.get(i).getException());
            }
        }
    }

    @Test
    void nothing_is_sent_of_a_batch_of_which_one_is_another_instances_by_now() throws Exception {
        List<Exchange> together = List.of(enrichment(1, "u"), enrichment(2, "u"));
        together.get(1).setProperty(ContentsquareConstants.BEFORE_SENDING, (Runnable) () -> {
            throw NothingSentException.notOwned(Instant.EPOCH);
        });

        send(together);

        assertEquals(List.of(), contentsquare.batches());
        together.forEach(exchange -> assertInstanceOf(
                NothingSentException.class, exchange.getException().getCause()));
    }
}
