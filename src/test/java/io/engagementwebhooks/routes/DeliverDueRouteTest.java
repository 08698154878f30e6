package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.DeliveryContext;
import java.util.List;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliverDueRouteTest extends RouteAlone {

    private static final String ROUTE = "deliver-due";
    private static final List<String> BRANCHES =
            List.of("to-header", "to-api-key", "to-oauth2", "to-salesforce", "to-contentsquare", "to-unauthenticated");

    DeliverDueRouteTest() {
        super("30-deliver.camel.yaml");
    }

    private void start() throws Exception {
        advise(ROUTE, a -> a.replaceFromWith("direct:start"));
        for (String branch : BRANCHES) {
            inPlaceOf(ROUTE, branch);
        }
        inPlaceOf(ROUTE, "to-record-outcome");
        context.start();
    }

    @ParameterizedTest
    @CsvSource({
        "header, to-header",
        "api-key, to-api-key",
        "oauth2, to-oauth2",
        "salesforce, to-salesforce",
        "contentsquare, to-contentsquare",
        "none, to-unauthenticated"
    })
    void a_delivery_takes_the_branch_of_its_webhooks_authentication_and_is_recorded(
            String authentication, String branch) throws Exception {
        start();
        for (String other : BRANCHES) {
            getMockEndpoint("mock:" + other).expectedMessageCount(other.equals(branch) ? 1 : 0);
        }
        getMockEndpoint("mock:to-record-outcome").expectedMessageCount(1);

        send("direct:start", DeliveryContext.AUTHENTICATION, authentication);

        MockEndpoint.assertIsSatisfied(context);
    }

    @Test
    void what_a_branch_leaves_reaches_the_record() throws Exception {
        start();
        getMockEndpoint("mock:to-oauth2")
                .whenAnyExchangeReceived(exchange -> exchange.setProperty(DeliveryContext.OUTCOME, "delivered"));

        send("direct:start", DeliveryContext.AUTHENTICATION, "oauth2");

        assertEquals(
                "delivered",
                getMockEndpoint("mock:to-record-outcome").getExchanges().get(0).getProperty(DeliveryContext.OUTCOME));
    }
}
