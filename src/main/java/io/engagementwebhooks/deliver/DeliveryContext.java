package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.Credential;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.RequestSigning;
import io.engagementwebhooks.deliver.request.SentSecrets;
import io.engagementwebhooks.deliver.step.OrderedRecords;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.deliver.step.RecordLock;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;
import org.apache.camel.SafeCopyProperty;

/**
 * The state of an attempt across the steps of the deliver routes, in one safe-copy exchange property. {@code multicast}
 * and {@code wireTap} copy it. The request itself is the message. Routes also read the properties
 * {@value #AUTHENTICATION}, {@value #DESTINATION}, {@value #OUTCOME} and {@value #SEND_AGAIN}: not headers, so that no
 * caller and no receiver can set them. Not thread-safe.
 */
public final class DeliveryContext implements SafeCopyProperty, Cloneable {

    /** The exchange's safe-copy property that holds the context. */
    private static final String PROPERTY = "webhookDelivery";

    /** String: the type of the webhook's authentication, by which the deliver route branches. */
    public static final String AUTHENTICATION = "webhookAuthentication";

    /** String: the route that sends, for a webhook with authentication {@code custom}. */
    public static final String DESTINATION = "webhookDestination";

    /** {@link Outcome}: set by every branch; without it the attempt counts as failed. */
    public static final String OUTCOME = "webhookOutcome";

    /** Boolean: the receiver refused the token and a new one is there; send once more. */
    public static final String SEND_AGAIN = "webhookResend";

    private static final StepThreads.Step NO_STEP = new StepThreads.Step("-", "-", false);

    private final Delivery delivery;
    private final boolean trial;
    private final Timing timing = new Timing();
    private Instant startedAt;
    private long startedNanos;
    private Instant deadline;
    private Map<String, Object> signed;
    private OutgoingRequest request;
    private Answer answer;
    private String note;
    private OrderedRecords records;
    private Map<RecordKey, String> superseded = Map.of();
    private RecordLock recordLock;
    private TraceParent traceParent;
    private CompletionStage<AttemptResult> recorded;
    private final Shared shared = new Shared();

    /** What all copies of the context share, since some blocks of Camel discard the copy of a branch that failed. */
    private static final class Shared {
        private volatile boolean sent;
        private volatile boolean onStepThreads;
        private volatile Failed failed;
    }

    /** @param step that the failure came from */
    public record Failed(StepThreads.Step step, Throwable failure) {}

    private DeliveryContext(Delivery delivery, boolean trial) {
        this.delivery = delivery;
        this.trial = trial;
    }

    /** Begins an attempt of a stored delivery: adds a context to the exchange and sets the delivery as body. */
    static DeliveryContext begin(Exchange exchange, Delivery delivery, Instant now) {
        return begin(exchange, new DeliveryContext(delivery, false), now);
    }

    /** As above, for a delivery that is not stored; any instance may send it. */
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

    /** The exchange's context, created if its body is a {@link Delivery}; null if it has none. */
    public static DeliveryContext of(Exchange exchange) {
        DeliveryContext known = exchange.getExchangeExtension().getSafeCopyProperty(PROPERTY, DeliveryContext.class);
        if (known == null && exchange.getMessage().getBody() instanceof Delivery delivery) {
            known = put(exchange, delivery);
        }
        return known;
    }

    /** Adds a new context to an exchange, such as a batch that contains this delivery. */
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
    public static void endWithDelivery(Exchange exchange, Outcome outcome) {
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

    /** Whether the delivery is not stored: a test of a webhook, or a Kamelet that names one. No instance owns it. */
    public boolean isTrial() {
        return trial;
    }

    /** Whether it is a test, a sample or not stored, so that it has no effect on the health of its webhook. */
    public boolean isTest() {
        return trial || delivery.event().isTest();
    }

    /** Restarts the clock of the attempt, after a wait before anything was sent. */
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

    /** The durations of all calls of the attempt. */
    public Timing timing() {
        return timing;
    }

    /**
     * The deadline of the attempt, including a second request after a token renewal; null before the request is built.
     */
    public Instant deadline() {
        return deadline;
    }

    /** The message holds a new, unsigned request. */
    public void built(Instant end) {
        deadline = end;
        signed = null;
    }

    /** Extends the deadline, if there is one yet, by time that is not the receiver's, such as a token request. */
    public void extendDeadline(Duration duration) {
        deadline = deadline == null ? null : deadline.plus(duration);
    }

    /** Whether step {@code sign-request} has run. Without keys it sets only id and time. */
    public boolean isSigned() {
        return signed != null;
    }

    /** The signed parts of the message, as {@link RequestSigning#covered} reads them. */
    public Map<String, Object> signed() {
        return signed;
    }

    public void signed(Map<String, Object> covered) {
        signed = covered;
    }

    /** The last request sent, or to be sent by a third party's component; null if none. */
    public OutgoingRequest request() {
        return request;
    }

    public void request(OutgoingRequest sent) {
        request = sent;
        shared.sent = true;
    }

    /** The request that a later step sends. */
    public void planned(OutgoingRequest later) {
        request = later;
    }

    /** The planned request is being sent. */
    public void sent() {
        shared.sent = true;
    }

    /** Whether a request was sent, or may have been sent by a component. */
    public boolean mayHaveSent() {
        return hasSent() || request != null;
    }

    /** Whether the attempt runs on {@link StepThreads}, since a step that may block has begun. */
    public boolean isOnStepThreads() {
        return shared.onStepThreads;
    }

    public void moveToStepThreads() {
        shared.onStepThreads = true;
    }

    /** Whether a request was sent by this context or a copy, such as that of a branch that failed. */
    public boolean hasSent() {
        return shared.sent;
    }

    /** The response, or null. */
    public Answer answer() {
        return answer;
    }

    /** Stores the response with the request's secrets masked, since responses are recorded and shown. */
    public void answered(Answer came) {
        answer = request == null ? came : came.redacted(SentSecrets.redactor(request));
    }

    /** A note for the customer on the attempt, such as a text that was cut; null if none. */
    public String note() {
        return note;
    }

    public void note(String text) {
        note = text;
    }

    public void addNote(String text) {
        note = note == null ? text : note + "; " + text;
    }

    /** The third party's records to write in event order; null if order does not matter. */
    public OrderedRecords records() {
        return records;
    }

    public void records(OrderedRecords written) {
        records = written;
    }

    /** Records that already have a newer event, with its id; the delivery must not write them. */
    public Map<RecordKey, String> superseded() {
        return superseded;
    }

    public void superseded(Map<RecordKey, String> newer) {
        superseded = newer;
    }

    /** The lock on the records to write, held until the attempt is recorded; null if none. */
    public RecordLock recordLock() {
        return recordLock;
    }

    public void recordLock(RecordLock lock) {
        recordLock = lock;
    }

    /** Releases the record lock, if held. */
    public void releaseRecordLock() {
        if (recordLock != null) {
            recordLock.release();
        }
    }

    /** The attempt's span in its event's trace; null before it begins. */
    TraceParent traceParent() {
        return traceParent;
    }

    void traceParent(TraceParent begun) {
        traceParent = begun;
    }

    /**
     * Notes the step that an exception came from; the first call counts, which is that of the innermost step, also if
     * an outer step wraps the exception.
     */
    public void failed(StepThreads.Step step, Throwable thrown) {
        if (failed(thrown).step() == NO_STEP) {
            shared.failed = new Failed(step, thrown);
        }
    }

    /** The step that an exception came from, and the exception that it threw, which outer steps may have wrapped. */
    public Failed failed(Throwable thrown) {
        Failed noted = shared.failed;
        return noted != null && Causes.of(thrown).anyMatch(cause -> cause == noted.failure())
                ? noted
                : new Failed(NO_STEP, thrown);
    }

    /** Completes when this attempt is recorded; null before recording begins. */
    public CompletionStage<AttemptResult> recorded() {
        return recorded;
    }

    public void recorded(CompletionStage<AttemptResult> recording) {
        recorded = recording;
    }

    /** A shallow copy: later changes are not shared, except what was sent, which step failed, and the threads. */
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
