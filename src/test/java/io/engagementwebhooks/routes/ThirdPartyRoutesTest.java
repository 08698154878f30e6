package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Outcome;
import java.io.IOException;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
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
            org = inPlaceOf("write-records", "call-salesforce");
            step("judgeSalesforceResponse", exchange -> DeliveryContext.end(exchange, DELIVERED));
            step("judgeSalesforceFailure", exchange -> DeliveryContext.end(exchange, LATER));
            context.start();
        }

        @Test
        void the_record_is_built_and_has_its_turn_before_the_org_is_chosen_and_called() throws Exception {
            start();

            assertEquals(DELIVERED, DeliveryContext.outcome(send("direct:deliver-salesforce")));

            assertEquals(
                    List.of(
                            "buildSalesforceRecord",
                            "lockSalesforceRecord",
                            "chooseOrg",
                            "fitSalesforceRecord",
                            "writeSalesforceBatch",
                            "judgeSalesforceResponse"),
                    taken());
        }

        @Test
        void the_call_is_made_by_its_own_route() throws Exception {
            start();
            org.expectedMessageCount(1);

            send("direct:write-records");

            org.assertIsSatisfied();
        }

        @Test
        void a_superseded_record_reaches_no_org() throws Exception {
            start();
            Outcome superseded = new Outcome.Skipped("superseded by event 2");
            step("lockSalesforceRecord", exchange -> DeliveryContext.end(exchange, superseded));

            assertEquals(superseded, DeliveryContext.outcome(send("direct:deliver-salesforce")));

            assertEquals(List.of("buildSalesforceRecord", "lockSalesforceRecord"), taken());
        }

        @Test
        void an_org_that_does_not_answer_becomes_an_outcome_and_the_caller_goes_on() throws Exception {
            start();
            step("writeSalesforceBatch", exchange -> {
                throw new IOException("gone");
            });

            Exchange tried = send("direct:deliver-salesforce");

            assertNull(tried.getException());
            assertEquals(LATER, DeliveryContext.outcome(tried));
            assertEquals("judgeSalesforceFailure", taken().get(taken().size() - 1));
        }

        @Test
        void a_record_that_cannot_be_built_reaches_no_org() throws Exception {
            start();
            org.expectedMessageCount(0);
            step("buildSalesforceRecord", exchange -> {
                throw new IllegalArgumentException("no external id");
            });

            assertEquals(LATER, DeliveryContext.outcome(send("direct:deliver-salesforce")));

            org.assertIsSatisfied();
            assertEquals(List.of("buildSalesforceRecord", "judgeSalesforceFailure"), taken());
        }
    }

    @Nested
    class ToContentsquare extends RouteAlone {
        private MockEndpoint project;

        ToContentsquare() {
            super("34-deliver-contentsquare.camel.yaml");
        }

        private void start() throws Exception {
            inPlaceOf("send-enrichments", "call-contentsquare");
            project = inPlaceOf("deliver-contentsquare", "call-contentsquare-path");
            step("judgeEnrichment", exchange -> DeliveryContext.end(exchange, DELIVERED));
            step("judgeFailure", exchange -> DeliveryContext.end(exchange, LATER));
            context.start();
        }

        @Test
        void the_session_is_enriched_in_the_webhooks_project() throws Exception {
            start();

            assertEquals(DELIVERED, DeliveryContext.outcome(send("direct:deliver-contentsquare")));

            assertEquals(
                    List.of(
                            "buildEnrichment",
                            "chooseProject",
                            "numberEnrichment",
                            "lockEnrichment",
                            "sendEnrichmentBatch",
                            "judgeEnrichment"),
                    taken());
        }

        @Test
        void its_own_body_goes_without_number_and_turn() throws Exception {
            start();
            project.expectedMessageCount(1);

            assertEquals(
                    DELIVERED,
                    DeliveryContext.outcome(
                            send("direct:deliver-contentsquare", ContentsquareConstants.REQUEST, "a request")));

            project.assertIsSatisfied();
            assertEquals(List.of("buildEnrichment", "chooseProject", "judgeEnrichment"), taken());
        }

        @Test
        void without_a_session_nothing_is_sent_and_it_stays_skipped() throws Exception {
            Outcome skipped = new Outcome.Skipped("the event names no session");
            start();
            step("buildEnrichment", exchange -> DeliveryContext.end(exchange, skipped));

            assertEquals(skipped, DeliveryContext.outcome(send("direct:deliver-contentsquare")));

            assertEquals(List.of("buildEnrichment"), taken());
        }

        @Test
        void a_fourth_call_of_a_session_is_not_sent_and_stays_skipped() throws Exception {
            Outcome skipped = new Outcome.Skipped("the session has three");
            start();
            step("numberEnrichment", exchange -> DeliveryContext.end(exchange, skipped));

            assertEquals(skipped, DeliveryContext.outcome(send("direct:deliver-contentsquare")));

            assertEquals(List.of("buildEnrichment", "chooseProject", "numberEnrichment"), taken());
        }

        @Test
        void what_is_superseded_is_not_sent_and_stays_skipped() throws Exception {
            Outcome skipped = new Outcome.Skipped("superseded by event e2");
            start();
            step("lockEnrichment", exchange -> DeliveryContext.end(exchange, skipped));

            assertEquals(skipped, DeliveryContext.outcome(send("direct:deliver-contentsquare")));

            assertEquals(List.of("buildEnrichment", "chooseProject", "numberEnrichment", "lockEnrichment"), taken());
        }

        @Test
        void a_project_that_does_not_answer_becomes_an_outcome_and_the_caller_goes_on() throws Exception {
            start();
            step("sendEnrichmentBatch", exchange -> {
                throw new IOException("gone");
            });

            Exchange tried = send("direct:deliver-contentsquare");

            assertNull(tried.getException());
            assertEquals(LATER, DeliveryContext.outcome(tried));
            assertEquals("judgeFailure", taken().get(taken().size() - 1));
        }
    }

    @Nested
    class ToADestinationOfOnesOwn extends RouteAlone {
        ToADestinationOfOnesOwn() {
            super("38-deliver-custom.camel.yaml");
        }

        @Test
        void it_is_handed_to_the_route_of_that_name() throws Exception {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:deliver-hubspot").process(exchange -> DeliveryContext.end(exchange, DELIVERED));
                }
            });
            context.start();

            assertEquals(
                    DELIVERED,
                    DeliveryContext.outcome(send("direct:deliver-custom", DeliveryContext.DESTINATION, "hubspot")));
        }

        @Test
        void where_there_is_no_such_route_that_becomes_an_outcome_at_once() throws Exception {
            step("judgeFailure", exchange -> {
                assertInstanceOf(
                        DirectConsumerNotAvailableException.class, exchange.getProperty(Exchange.EXCEPTION_CAUGHT));
                DeliveryContext.end(exchange, LATER);
            });
            context.start();

            assertEquals(
                    LATER,
                    DeliveryContext.outcome(send("direct:deliver-custom", DeliveryContext.DESTINATION, "pipedrive")));
        }
    }
}
