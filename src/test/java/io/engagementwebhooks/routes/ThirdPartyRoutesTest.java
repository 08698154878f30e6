package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.deliver.Progress;
import java.io.IOException;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The branches of the third parties, each by itself. */
class ThirdPartyRoutesTest {

    private static final Outcome DELIVERED = new Outcome.Delivered("");
    private static final Outcome LATER = Outcome.TryLater.bySchedule("no answer");

    @Nested
    class ToSalesforce extends RouteAlone {
        private MockEndpoint org;

        ToSalesforce() {
            super("33-deliver-salesforce.camel.yaml");
        }

        private void start() throws Exception {
            org = inPlaceOf("deliver-salesforce", "call-salesforce");
            step("salesforceJudge", exchange -> Progress.end(exchange, DELIVERED));
            step("salesforceFailures", exchange -> Progress.end(exchange, LATER));
            context.start();
        }

        @Test
        void the_record_is_built_before_the_org_is_chosen_and_called() throws Exception {
            start();
            org.expectedMessageCount(1);
            org.whenAnyExchangeReceived(
                    exchange -> assertEquals(List.of("salesforceRecord", "chooseOrg", "salesforceFitting"), taken()));

            assertEquals(DELIVERED, Progress.outcome(send("direct:deliver-salesforce")));

            org.assertIsSatisfied();
            assertEquals(List.of("salesforceRecord", "chooseOrg", "salesforceFitting", "salesforceJudge"), taken());
        }

        @Test
        void an_org_that_does_not_answer_becomes_an_outcome_and_the_caller_goes_on() throws Exception {
            start();
            org.whenAnyExchangeReceived(exchange -> exchange.setException(new IOException("gone")));

            Exchange tried = send("direct:deliver-salesforce");

            assertNull(tried.getException());
            assertEquals(LATER, Progress.outcome(tried));
            assertEquals(List.of("salesforceRecord", "chooseOrg", "salesforceFitting", "salesforceFailures"), taken());
        }

        @Test
        void a_record_that_cannot_be_built_reaches_no_org() throws Exception {
            start();
            org.expectedMessageCount(0);
            step("salesforceRecord", exchange -> {
                throw new IllegalArgumentException("no external id");
            });

            assertEquals(LATER, Progress.outcome(send("direct:deliver-salesforce")));

            org.assertIsSatisfied();
            assertEquals(List.of("salesforceRecord", "salesforceFailures"), taken());
        }
    }

    @Nested
    class ToContentsquare extends RouteAlone {
        private MockEndpoint project;

        ToContentsquare() {
            super("34-deliver-contentsquare.camel.yaml");
        }

        private void start() throws Exception {
            project = inPlaceOf("deliver-contentsquare", "call-contentsquare");
            step("enrichmentJudging", exchange -> Progress.end(exchange, DELIVERED));
            step("failureJudging", exchange -> Progress.end(exchange, LATER));
            context.start();
        }

        @Test
        void the_session_is_enriched_in_the_webhooks_project() throws Exception {
            start();
            project.expectedMessageCount(1);

            assertEquals(DELIVERED, Progress.outcome(send("direct:deliver-contentsquare")));

            project.assertIsSatisfied();
            assertEquals(List.of("enrichmentBuilding", "chooseProject", "enrichmentJudging"), taken());
        }

        @Test
        void without_a_session_nothing_is_sent_and_it_stays_skipped() throws Exception {
            start();
            Outcome skipped = new Outcome.Skipped("the event names no session");
            project.expectedMessageCount(0);
            step("enrichmentBuilding", exchange -> Progress.end(exchange, skipped));

            assertEquals(skipped, Progress.outcome(send("direct:deliver-contentsquare")));

            project.assertIsSatisfied();
            assertEquals(List.of("enrichmentBuilding"), taken());
        }

        @Test
        void a_project_that_does_not_answer_becomes_an_outcome_and_the_caller_goes_on() throws Exception {
            start();
            project.whenAnyExchangeReceived(exchange -> exchange.setException(new IOException("gone")));

            Exchange tried = send("direct:deliver-contentsquare");

            assertNull(tried.getException());
            assertEquals(LATER, Progress.outcome(tried));
            assertEquals(List.of("enrichmentBuilding", "chooseProject", "failureJudging"), taken());
        }
    }
}
