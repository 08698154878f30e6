package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.RecordKey;
import java.time.Instant;
import java.util.Map;
import org.apache.camel.Exchange;

/**
 * What the steps of the deliver routes tell each other, as exchange properties. Properties, not headers: no caller and
 * no receiver can set them.
 */
public final class Progress {

    /** {@link Delivery}: what is delivered; steps that replace the message's body leave it here. */
    public static final String DELIVERY = "webhookDelivery";

    /** String: the type of the webhook's authentication, by which the deliver route branches. */
    public static final String AUTHENTICATION = "webhookAuthentication";

    /** String: the destination of a webhook with authentication {@code custom}: the name of the route that sends. */
    public static final String DESTINATION = "webhookDestination";

    /** String: the webhook that a Kamelet sends or signs by, {@code account/name}; {@code /}: that of the delivery. */
    public static final String NAMED = "webhookNamed";

    /** {@link java.time.Instant}: when this try began. */
    public static final String STARTED_AT = "webhookStartedAt";

    /** Long: {@link System#nanoTime()} then, from which durations are counted. */
    public static final String STARTED_NANOS = "webhookStartedNanos";

    /** {@link io.engagementwebhooks.outbox.TryRecording.Ended}: what was recorded of this try. */
    public static final String RECORDED = "webhookRecorded";

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

    /** {@link Ordered}: the third party's records that are written, where order matters. */
    public static final String RECORDS = "webhookRecords";

    /** Map of {@link io.engagementwebhooks.store.RecordKey} to String: those that have a newer event, and which. */
    public static final String SUPERSEDED = "webhookSuperseded";

    /** {@link Turn}: this delivery's turn at those records, which ends when the try is recorded. */
    public static final String TURN = "webhookTurn";

    /** {@link io.engagementwebhooks.event.TraceParent}: the attempt's step in its event's trace, where there is one. */
    static final String STEP = "webhookStep";

    /** Boolean: a webhook is tried out; there is no delivery that some process owns. */
    public static final String TRIAL = "webhookTrial";

    private Progress() {}

    /** Whether a webhook is tried out, which any process may do. */
    public static boolean isTrial(Exchange exchange) {
        return exchange.getProperty(TRIAL, false, Boolean.class);
    }

    /** A try begins, or begins anew: it waited for others before anything was sent. */
    public static void begin(Exchange exchange, Instant now) {
        exchange.setProperty(STARTED_AT, now);
        exchange.setProperty(STARTED_NANOS, System.nanoTime());
    }

    /** The delivery's turn at records, or null: it needs none. */
    public static Turn turn(Exchange exchange) {
        return exchange.getProperty(TURN, Turn.class);
    }

    /** Records that have a newer event, by which the delivery must not write them; and the newer event's id. */
    @SuppressWarnings("unchecked")
    public static Map<RecordKey, String> superseded(Exchange exchange) {
        return exchange.getProperty(SUPERSEDED, Map.of(), Map.class);
    }

    /** The delivery, also while the message's body is something else. */
    public static Delivery delivery(Exchange exchange) {
        Delivery kept = exchange.getProperty(DELIVERY, Delivery.class);
        return kept != null ? kept : exchange.getIn().getBody(Delivery.class);
    }

    public static Outcome outcome(Exchange exchange) {
        return exchange.getProperty(OUTCOME, Outcome.class);
    }

    public static void end(Exchange exchange, Outcome outcome) {
        exchange.setProperty(OUTCOME, outcome);
    }

    /** Ends the try and makes the delivery the message's body again. */
    static void endWithDelivery(Exchange exchange, Outcome outcome) {
        exchange.getMessage().setBody(delivery(exchange));
        end(exchange, outcome);
    }

    /** Keeps what came back, without what the exchange's request held in confidence: answers are kept and shown. */
    public static void answered(Exchange exchange, Answer answer) {
        OutgoingRequest request = request(exchange);
        exchange.setProperty(ANSWER, request == null ? answer : Echo.withoutCredential(answer, request));
    }

    public static Answer answer(Exchange exchange) {
        return exchange.getProperty(ANSWER, Answer.class);
    }

    /** Of what the attempt has sent so far, to which another send of it adds; a new one where it has sent nothing. */
    public static Timing timing(Exchange exchange) {
        OutgoingRequest request = request(exchange);
        return request == null ? new Timing() : request.timing();
    }

    public static OutgoingRequest request(Exchange exchange) {
        return exchange.getProperty(REQUEST, OutgoingRequest.class);
    }
}
