package io.engagementwebhooks.deliver;

import org.apache.camel.Exchange;

/**
 * What the steps of the deliver routes tell each other, as exchange properties. Properties, not headers: no caller and
 * no receiver can set them.
 */
public final class Progress {

    /** {@link Delivery}: what is being delivered, for steps after the one that replaced the message's body. */
    public static final String DELIVERY = "webhookDelivery";

    /** {@link Outcome}: how this try ended. A branch must set it; a try without it counts as failed. */
    public static final String OUTCOME = "webhookOutcome";

    /** {@link Answer}: what came back, where something did. */
    public static final String ANSWER = "webhookAnswer";

    /** {@link OutgoingRequest}: what is sent to an HTTP receiver. */
    public static final String REQUEST = "webhookRequest";

    /** Boolean: the receiver refused the token, a new one was fetched, send once more. */
    public static final String SEND_AGAIN = "webhookSendAgain";

    /** String: something the customer should know about a try that went well, such as a text that was cut. */
    public static final String NOTE = "webhookNote";

    private Progress() {}

    /** The delivery: as a step remembered it, else the message's body. */
    public static Delivery delivery(Exchange exchange) {
        Delivery remembered = exchange.getProperty(DELIVERY, Delivery.class);
        return remembered != null ? remembered : exchange.getIn().getBody(Delivery.class);
    }

    public static Outcome outcome(Exchange exchange) {
        return exchange.getProperty(OUTCOME, Outcome.class);
    }

    public static void end(Exchange exchange, Outcome outcome) {
        exchange.setProperty(OUTCOME, outcome);
    }

    public static Answer answer(Exchange exchange) {
        return exchange.getProperty(ANSWER, Answer.class);
    }

    public static OutgoingRequest request(Exchange exchange) {
        return exchange.getProperty(REQUEST, OutgoingRequest.class);
    }
}
