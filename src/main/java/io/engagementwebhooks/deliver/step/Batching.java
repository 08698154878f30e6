package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.ledger.AsyncStep;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step that sends several due deliveries in one request. A delivery waits until the batch is full or the maximum wait
 * is over; no thread waits. Each delivery keeps its own attempt, outcome and record, so a killed process repeats some
 * and loses none. Thread-safe.
 */
public final class Batching implements AsyncStep {

    private static final Logger LOG = LoggerFactory.getLogger(Batching.class);
    private static final Duration ROUTE_RETRY = Duration.ofSeconds(5);

    private final BatchSending sending;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private final FencingCheck fencingCheck;
    private final Map<Object, List<Member>> openBatches = new HashMap<>();

    private record Member(Exchange exchange, AsyncCallback callback) {}

    /**
     * @param sending sends a batch
     * @param timer sends batches whose maximum wait is over
     * @param clock for the start of a request, and for the retry time if no route sends at the moment
     * @param fencingCheck ends deliveries that may not be sent any more
     */
    public Batching(BatchSending sending, ScheduledExecutorService timer, Clock clock, FencingCheck fencingCheck) {
        this.fencingCheck = fencingCheck;
        this.sending = sending;
        this.timer = timer;
        this.clock = clock;
    }

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        List<Member> full = gather(new Member(exchange, callback), sending.terms(exchange));
        if (full != null) {
            send(full);
        }
        return false;
    }

    /** @return the batch to send now, or null if the delivery waits for others */
    private List<Member> gather(Member member, BatchSending.Terms terms) {
        if (terms.maxSize() <= 1) {
            return List.of(member);
        }
        synchronized (openBatches) {
            List<Member> members = openBatches.get(terms.key());
            if (members == null) {
                members = new ArrayList<>();
                if (!scheduleStart(terms, members)) {
                    return List.of(member);
                }
                openBatches.put(terms.key(), members);
            }
            members.add(member);
            if (members.size() < terms.maxSize()) {
                return null;
            }
            openBatches.remove(terms.key());
            return members;
        }
    }

    private boolean scheduleStart(BatchSending.Terms terms, List<Member> members) {
        try {
            timer.schedule(
                    FatalErrors.checked(() -> start(terms.key(), members)),
                    terms.maxWait().toNanos(),
                    TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            return false; // at shutdown nothing waits for a batch
        }
    }

    private void start(Object key, List<Member> members) {
        synchronized (openBatches) {
            // a full batch was sent already
            if (openBatches.get(key) != members) {
                return;
            }
            openBatches.remove(key);
        }
        send(members);
    }

    private void send(List<Member> gathered) {
        List<Member> members = removeFenced(gathered);
        if (members.isEmpty()) {
            return;
        }
        members.forEach(member -> DeliveryContext.of(member.exchange()).restart(clock.instant()));
        sent(members).whenComplete((done, failure) -> members.forEach(member -> finish(member, failure)));
    }

    /** Ends deliveries that may not be sent any more. */
    private List<Member> removeFenced(List<Member> members) {
        Map<Boolean, List<Member>> byMaySend = members.stream()
                .collect(Collectors.partitioningBy(member -> fencingCheck.mayBeSent(member.exchange())));
        byMaySend.get(false).forEach(member -> finish(member, fencingCheck.fenced()));
        return byMaySend.get(true);
    }

    private CompletionStage<Void> sent(List<Member> members) {
        try {
            return sending.send(members.stream().map(Member::exchange).toList());
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }

    private void finish(Member member, Throwable failure) {
        if (failure != null && member.exchange().getException() == null) {
            member.exchange().setException(Causes.unwrapped(failure));
        }
        if (member.exchange().getException() instanceof DirectConsumerNotAvailableException) {
            member.exchange()
                    .setException(new NothingSentException(
                            "the route that sends is being replaced",
                            clock.instant().plus(ROUTE_RETRY)));
        }
        try {
            member.callback().done(false);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            // the other deliveries of the batch continue
            LOG.error("batch.continuation-failed", e);
        }
    }
}
