package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * A step that builds the request to an HTTP receiver, once the receiver's address is known. The wait is part of the attempt's
 * time. Thread-safe if the step is.
 */
public final class ResolvedStep extends AsyncProcessorSupport {

    /** What a step takes that did not wait is no part of resolving the name. */
    private static final Duration NOTICEABLE = Duration.ofMillis(1);

    private final Processor step;
    private final NameWait wait;
    private final Clock clock;

    /**
     * @param step builds the request
     * @param wait for the address
     * @param clock the request's deadline refers to
     */
    public ResolvedStep(Processor step, NameWait wait, Clock clock) {
        this.step = step;
        this.wait = wait;
        this.clock = clock;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Delivery delivery = Progress.delivery(exchange);
            Instant start = clock.instant();
            if (delivery.webhook().delivery().target() instanceof Target.Http target) {
                Duration timeout = delivery.webhook().delivery().timeout();
                return wait.before(waited -> build(waited, start), target.url(), timeout, exchange, callback);
            }
            exchange.setException(new IllegalStateException(
                    delivery.webhook() + " delivers to no URL: the route chose the wrong branch"));
        } catch (RuntimeException | Error e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    private void build(Exchange exchange, Instant start) throws Exception {
        Duration waited = Duration.between(start, clock.instant());
        step.process(exchange);
        OutgoingRequest request = Progress.request(exchange);
        if (waited.compareTo(NOTICEABLE) > 0) {
            request.postpone(waited.negated());
            request.timing().call().took(Timing.Part.DNS, waited.toNanos());
        }
    }
}
