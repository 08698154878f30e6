package io.engagementwebhooks.deliver;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;
import org.apache.camel.SafeCopyProperty;

/**
 * What the steps of the deliver routes know of an attempt, in one property that a copy of the exchange (as by {@code multicast} or
 * {@code wireTap}) has a copy of. The request itself is on the message. Beside it stand four words that routes read: {@value
 * #AUTHENTICATION}, {@value #DESTINATION}, {@value #OUTCOME} and {@value #SEND_AGAIN}. Properties, not headers: no caller and no
 * receiver can set them. Not thread-safe; it belongs to one exchange.
 */
public final class DeliveryContext implements SafeCopyProperty, Cloneable {

    /** The exchange's safe-copy property that holds the context. */
    private static final String PROPERTY = "webhookDelivery";

    /** String: the type of the webhook's authentication, by which the deliver route branches. */
    public static final String AUTHENTICATION = "webhookAuthentication";

    /** String: the destination of a webhook with authentication {@code custom}: the name of the route that sends. */
    public static final String DESTINATION = "webhookDestination";

    /** {@link Outcome}: how the attempt ended. A branch must set it; an attempt without it counts as failed. */
    public static final String OUTCOME = "webhookOutcome";

    /** Boolean: the receiver refused the token, a new one was fetched, send once more. */
    public static final String SEND_AGAIN = "webhookResend";

    private final Delivery delivery;
    private final boolean trial;
    private final Timing timing = new Timing();
    private Instant startedAt;
    private long startedNanos;
    private Instant deadline;
    private Object[] signed;
    private OutgoingRequest request;
    private Answer answer;
    private String note;
    private Ordered records;
    private Map<RecordKey, String> superseded = Map.of();
    private RecordLock turn;
    private TraceParent step;
    private CompletionStage<AttemptResult> recorded;

    private DeliveryContext(Delivery delivery, boolean trial) {
        this.delivery = delivery;
        this.trial = trial;
    }

    /** An attempt of a stored delivery begins: its exchange gets a context, and the delivery as body. */
    static DeliveryContext begin(Exchange exchange, Delivery delivery, Instant now) {
        return begin(exchange, new DeliveryContext(delivery, false), now);
    }

    /** As above, of a delivery that no store knows, which any process may send. */
    public static DeliveryContext beginTrial(Exchange exchange, Delivery delivery, Instant now) {
        return begin(exchange, new DeliveryContext(delivery, true), now);
    }

    private static DeliveryContext begin(Exchange exchange, DeliveryContext context, Instant now) {
        context.restart(now);
        exchange.getExchangeExtension().setSafeCopyProperty(PROPERTY, context);
        exchange.setProperty(AUTHENTICATION, context.delivery.authentication());
        exchange.setProperty(
                DESTINATION, OwnDestinations.of(context.delivery.webhook()).orElse(null));
        exchange.removeProperty(OUTCOME);
        exchange.removeProperty(SEND_AGAIN);
        exchange.getMessage().setBody(context.delivery);
        return context;
    }

    /** The exchange's context; an exchange whose body is a {@link Delivery} gets one. Null: it delivers nothing. */
    public static DeliveryContext of(Exchange exchange) {
        DeliveryContext known = exchange.getExchangeExtension().getSafeCopyProperty(PROPERTY, DeliveryContext.class);
        if (known == null && exchange.getMessage().getBody() instanceof Delivery delivery) {
            known = put(exchange, delivery);
        }
        return known;
    }

    /** Gives an exchange a new context, such as an exchange that sends several deliveries at once, of which this is one. */
    public static DeliveryContext put(Exchange exchange, Delivery delivery) {
        DeliveryContext context = new DeliveryContext(delivery, false);
        exchange.getExchangeExtension().setSafeCopyProperty(PROPERTY, context);
        return context;
    }

    /** The delivery, also while the message has another body; may be null. */
    public static Delivery delivery(Exchange exchange) {
        DeliveryContext context = of(exchange);
        return context == null ? null : context.delivery;
    }

    public static Outcome outcome(Exchange exchange) {
        return exchange.getProperty(OUTCOME, Outcome.class);
    }

    public static void end(Exchange exchange, Outcome outcome) {
        exchange.setProperty(OUTCOME, outcome);
    }

    /** Ends the attempt and makes the delivery the message's body again. */
    static void endWithDelivery(Exchange exchange, Outcome outcome) {
        exchange.getMessage().setBody(delivery(exchange));
        end(exchange, outcome);
    }

    /** Puts a credential on the message, for the webhook's receiver and no other. */
    public static void authorize(Exchange exchange, String header, String value) {
        exchange.getMessage()
                .setHeader(
                        header,
                        Credential.of(value, delivery(exchange).receiver().url()));
    }

    public Delivery delivery() {
        return delivery;
    }

    /** Whether a webhook is tried out, or sends without a record: there is no delivery that some process owns. */
    public boolean isTrial() {
        return trial;
    }

    /** The attempt begins, or begins again: it waited for others before anything was sent. */
    public void restart(Instant now) {
        startedAt = now;
        startedNanos = System.nanoTime();
    }

    public Instant startedAt() {
        return startedAt;
    }

    /** {@link System#nanoTime()} at the start, from which durations are counted. */
    public long startedNanos() {
        return startedNanos;
    }

    /** How long the parts of all calls of the attempt took. */
    public Timing timing() {
        return timing;
    }

    /** When the whole attempt ends, a second send after a token renewal included; null: no request was built. */
    public Instant deadline() {
        return deadline;
    }

    /** A request is on the message, and not signed. */
    void built(Instant end) {
        deadline = end;
        signed = null;
    }

    /** Moves the deadline: a token request has its own timeout and does not use up the receiver's time. */
    public void postpone(Duration duration) {
        deadline = deadline.plus(duration);
    }

    /** Whether the message's request is signed, or needs no signature but has its id and time. */
    public boolean isSigned() {
        return signed != null;
    }

    /** What the signature covers, as {@link RequestSigning#covered} reads it. */
    Object[] signed() {
        return signed;
    }

    void signed(Object[] covered) {
        signed = covered;
    }

    /** The last request sent, or shown as sent by a third party's component; null: none. */
    public OutgoingRequest request() {
        return request;
    }

    public void request(OutgoingRequest sent) {
        request = sent;
    }

    /** The response, or null. */
    public Answer answer() {
        return answer;
    }

    /** Keeps the response, without what the request held in confidence: responses are kept and shown. */
    public void answered(Answer came) {
        answer = request == null ? came : came.redacted(SentSecrets.redactor(request));
    }

    /** What the customer should know about the attempt, such as a text that was cut; null: nothing. */
    public String note() {
        return note;
    }

    public void note(String text) {
        note = text;
    }

    /** Adds to the note. */
    public void addNote(String text) {
        note = note == null ? text : note + "; " + text;
    }

    /** The third party's records that are written, where order matters; null: it does not. */
    public Ordered records() {
        return records;
    }

    public void records(Ordered written) {
        records = written;
    }

    /** Records that have a newer event, by which the delivery must not write them; and the newer event's id. */
    public Map<RecordKey, String> superseded() {
        return superseded;
    }

    void superseded(Map<RecordKey, String> newer) {
        superseded = newer;
    }

    /** The delivery's turn at records, which ends when the attempt is recorded; null: it needs none. */
    public RecordLock turn() {
        return turn;
    }

    void turn(RecordLock taken) {
        turn = taken;
    }

    /** Ends the turn, where there is one. */
    public void endTurn() {
        if (turn != null) {
            turn.end();
        }
    }

    /** The attempt's step in its event's trace; null: none has begun. */
    TraceParent step() {
        return step;
    }

    void step(TraceParent begun) {
        step = begun;
    }

    /** Completes when this attempt is recorded; null: nothing records it yet. */
    public CompletionStage<AttemptResult> recorded() {
        return recorded;
    }

    public void recorded(CompletionStage<AttemptResult> recording) {
        recorded = recording;
    }

    /** Existing values are shared; later changes are not. */
    @Override
    public SafeCopyProperty safeCopy() {
        try {
            return (DeliveryContext) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString() {
        return delivery.toString();
    }
}
