package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.deliver.FailureJudging;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.webhook.BodyFault;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The branches that call an HTTP receiver, each by itself. */
class HttpBranchRoutesTest {

    private static final Outcome DELIVERED = new Outcome.Delivered("");

    abstract static class Branch extends RouteAlone {

        final String route;
        final String receiverStep;
        MockEndpoint receiver;

        Branch(String file, String route, String receiverStep) {
            super(file);
            this.route = route;
            this.receiverStep = receiverStep;
        }

        void start() throws Exception {
            receiver = inPlaceOf(route, receiverStep);
            step("answerJudging", exchange -> Progress.end(exchange, DELIVERED));
            step("failureJudging", new FailureJudging(List.of()));
            context.start();
        }

        Exchange deliver() {
            return send("direct:" + route, Progress.DELIVERY, new SampleDelivery(URI.create("http://x/")).delivery());
        }

        @Test
        void no_answer_becomes_an_outcome_and_the_caller_goes_on() throws Exception {
            start();
            receiver.whenAnyExchangeReceived(exchange -> exchange.setException(new IOException("connection reset")));

            Exchange tried = deliver();

            assertNull(tried.getException());
            assertEquals(
                    Outcome.TryLater.bySchedule("An internal fault kept this delivery from being sent"),
                    Progress.outcome(tried));
            assertFalse(taken().contains("answerJudging"));
        }

        @Test
        void a_body_that_cannot_be_made_calls_no_receiver_and_gives_up() throws Exception {
            start();
            receiver.expectedMessageCount(0);
            step("requestBuilding", exchange -> {
                throw new BodyFault("the body's jq program answered nothing");
            });

            Exchange tried = deliver();

            assertEquals(Outcome.GaveUp.because("the body's jq program answered nothing"), Progress.outcome(tried));
            assertEquals(List.of("requestBuilding", "failureJudging"), taken());
            receiver.assertIsSatisfied();
        }
    }

    @Nested
    class WithoutAuthentication extends Branch {
        WithoutAuthentication() {
            super("39-deliver-unauthenticated.camel.yaml", "deliver-unauthenticated", "unauthenticated-call-receiver");
        }

        @Test
        void the_request_is_built_sent_and_the_answer_judged() throws Exception {
            start();
            receiver.expectedMessageCount(1);

            assertEquals(DELIVERED, Progress.outcome(deliver()));

            receiver.assertIsSatisfied();
            assertEquals(List.of("requestBuilding", "answerJudging"), taken());
        }
    }

    @Nested
    class ByHeader extends Branch {
        ByHeader() {
            super("31-deliver-header.camel.yaml", "deliver-header", "header-call-receiver");
        }

        @Test
        void the_header_is_put_on_the_built_request_before_it_is_sent() throws Exception {
            start();
            receiver.expectedMessageCount(1);
            receiver.whenAnyExchangeReceived(
                    exchange -> assertEquals(List.of("requestBuilding", "headerAuthorization"), taken()));

            assertEquals(DELIVERED, Progress.outcome(deliver()));

            receiver.assertIsSatisfied();
            assertEquals(List.of("requestBuilding", "headerAuthorization", "answerJudging"), taken());
        }
    }

    @Nested
    class ByOAuth2 extends Branch {
        private MockEndpoint again;

        ByOAuth2() {
            super("32-deliver-oauth2.camel.yaml", "deliver-oauth2", "oauth2-call-receiver");
        }

        @Override
        void start() throws Exception {
            again = inPlaceOf(route, "oauth2-call-receiver-again");
            super.start();
        }

        @Test
        void a_token_that_is_taken_is_sent_once() throws Exception {
            start();
            receiver.expectedMessageCount(1);
            again.expectedMessageCount(0);
            step("oauth2TokenRenewal", exchange -> exchange.setProperty(Progress.SEND_AGAIN, false));

            assertEquals(DELIVERED, Progress.outcome(deliver()));

            MockEndpoint.assertIsSatisfied(context);
            assertEquals(
                    List.of("requestBuilding", "oauth2Authorization", "oauth2TokenRenewal", "answerJudging"), taken());
        }

        @Test
        void after_a_renewal_it_is_sent_again_exactly_once_and_the_new_answer_is_looked_at() throws Exception {
            start();
            receiver.expectedMessageCount(1);
            again.expectedMessageCount(1);
            // also when the step asks for it each time
            step("oauth2TokenRenewal", exchange -> exchange.setProperty(Progress.SEND_AGAIN, true));

            assertEquals(DELIVERED, Progress.outcome(deliver()));

            MockEndpoint.assertIsSatisfied(context);
            assertEquals(
                    List.of(
                            "requestBuilding",
                            "oauth2Authorization",
                            "oauth2TokenRenewal",
                            "oauth2TokenRenewal",
                            "answerJudging"),
                    taken());
        }

        @Test
        void no_answer_to_the_second_send_becomes_an_outcome_too() throws Exception {
            start();
            step("oauth2TokenRenewal", exchange -> exchange.setProperty(Progress.SEND_AGAIN, true));
            again.whenAnyExchangeReceived(exchange -> exchange.setException(new IOException("connection reset")));

            Exchange tried = deliver();

            assertNull(tried.getException());
            assertEquals(
                    Outcome.TryLater.bySchedule("An internal fault kept this delivery from being sent"),
                    Progress.outcome(tried));
        }
    }
}
