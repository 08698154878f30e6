package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.webhook.Authentication;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Helpers of {@link SalesforceJudge} and {@link SalesforceFailures}. */
final class OrgAnswers {

    private OrgAnswers() {}

    /** The state of the delivery's org. */
    static OrgState org(SalesforceOrgs orgs, Delivery delivery) {
        Authentication.Salesforce authentication =
                (Authentication.Salesforce) delivery.webhook().delivery().authentication();
        return orgs.state(authentication.connection());
    }

    /** Stores a response in the context, with the session's tokens masked. */
    static void keep(Exchange exchange, OrgState org, int status, byte[] body) {
        DeliveryContext.of(exchange)
                .answered(new Answer(
                        status, headers(exchange.getMessage()), org.session().withoutTokens(body), ""));
    }

    /** Salesforce's own headers ({@code Sforce-Limit-Info}); Camel passes on no others. */
    private static Map<String, String> headers(Message message) {
        Map<String, String> kept = new HashMap<>();
        message.getHeaders().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("sforce") && value instanceof String text) {
                kept.put(lower, text);
            }
        });
        return kept;
    }
}
