package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.support.AsyncProcessorSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step that sends deliveries which are due together in one request. A delivery waits for others of its kind until there
 * are enough or it has waited long enough; no thread waits. Each stays a delivery by itself: in flight, with its own
 * attempt, outcome and record, so that a process killed in between repeats some and loses none. Thread-safe.
 */
public final class Batching extends AsyncProcessorSupport {

    private static final Logger LOG = LoggerFactory.getLogger(Batching.class);
    private static final Duration ROUTE_RETRY = Duration.ofSeconds(5);

    private final BatchSending sending;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private final FencingCheck fencingCheck;
    private final Map<Object, List<Member>> gathering = new HashMap<>();

    private record Member(Exchange exchange, AsyncCallback callback) {}

    /**
     * @param sending sends
     * @param timer starts what has waited long enough
     * @param clock when a request began, and when to try again where no route sends at this moment
     * @param fencingCheck ends what may not be sent any more
     */
    public Batching(BatchSending sending, ScheduledExecutorService timer, Clock clock, FencingCheck fencingCheck) {
        this.fencingCheck = fencingCheck;
        this.sending = sending;
        this.timer = timer;
        this.clock = clock;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        List<Member> full;
        try {
            full = gather(new Member(exchange, callback), sending.terms(exchange));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        if (full != null) {
            send(full);
        }
        return false;
    }

    /** @return those that go now, or null: it waits for others */
    private List<Member> gather(Member member, BatchSending.Terms terms) {
        if (terms.size() <= 1) {
            return List.of(member);
        }
        synchronized (gathering) {
            List<Member> members = gathering.get(terms.key());
            if (members == null) {
                members = new ArrayList<>();
                if (!startsLater(terms, members)) {
                    return List.of(member);
                }
                gathering.put(terms.key(), members);
            }
            members.add(member);
            if (members.size() < terms.size()) {
                return null;
            }
            gathering.remove(terms.key());
            return members;
        }
    }

    private boolean startsLater(BatchSending.Terms terms, List<Member> members) {
        try {
            timer.schedule(
                    FatalErrors.watched(() -> start(terms.key(), members)),
                    terms.most().toNanos(),
                    TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            return false; // the product stops: running calls end, and nothing waits for them
        }
    }

    private void start(Object key, List<Member> members) {
        synchronized (gathering) {
            // unless they were enough before
            if (gathering.get(key) != members) {
                return;
            }
            gathering.remove(key);
        }
        send(members);
    }

    private void send(List<Member> gathered) {
        List<Member> members = stillOurs(gathered);
        if (members.isEmpty()) {
            return;
        }
        members.forEach(member -> DeliveryContext.of(member.exchange()).restart(clock.instant()));
        sent(members).whenComplete((done, failure) -> members.forEach(member -> finish(member, failure)));
    }

    /** What has another owner since it came here is not sent. */
    private List<Member> stillOurs(List<Member> members) {
        if (!fencingCheck.isAsked()) {
            return members;
        }
        Map<Boolean, List<Member>> byOwner = members.stream()
                .collect(Collectors.partitioningBy(member -> fencingCheck.mayBeSent(member.exchange())));
        byOwner.get(false).forEach(member -> finish(member, fencingCheck.notOwned()));
        return byOwner.get(true);
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
            member.exchange().setException(failure instanceof CompletionException ? failure.getCause() : failure);
        }
        if (member.exchange().getException() instanceof DirectConsumerNotAvailableException) {
            member.exchange()
                    .setException(new NothingSentException(
                            "the route that sends is being exchanged",
                            clock.instant().plus(ROUTE_RETRY)));
        }
        try {
            member.callback().done(false);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            // what comes after for one delivery is not to keep the others from going on
            LOG.error("batch.continuation-failed", e);
        }
    }
}
