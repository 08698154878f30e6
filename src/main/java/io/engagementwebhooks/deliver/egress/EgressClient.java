package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.OutOfSockets;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.webhook.auth.Tls;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP client of all calls to customers' endpoints and token endpoints, under the egress rules. One call is one
 * request: no redirects, retries or cookies. The deadline covers DNS to the last byte; at most a bounded part of the
 * body is read. Calls do not block a thread.
 *
 * <p>Thread-safe. Lives as long as the process; {@link #close()} ends its thread and connections.
 */
public final class EgressClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EgressClient.class);

    /** The pauses of a failing proxy. */
    private static final BackoffSchedule PROXY_PAUSES =
            new BackoffSchedule(Duration.ofSeconds(5), Duration.ofMinutes(1));

    private static final String STOPPED = "this installation was stopped before the answer came";

    private static final int UNAUTHORIZED = 401;
    private static final int MOST_BEGINNING = 32;
    private static final long CLOSED_CHECK_MS = 100;

    /** The part of the heap, at most, for responses that are being read; at least {@link #LEAST_OF_ANSWERS} bytes. */
    private static final int PART_OF_HEAP = 16;

    private static final long LEAST_OF_ANSWERS = 8 << 20;

    private final EgressRules rules;
    private final NameResolver names;
    private final String userAgent;
    private final Clock clock;
    private final Backoff proxyBackoff = new Backoff();
    private final ConnectionPool connections;

    /** Memory budget of responses that are being read. */
    private final SharedBudget answers = new SharedBudget(
            Math.max(LEAST_OF_ANSWERS, Runtime.getRuntime().maxMemory() / PART_OF_HEAP), Long.MAX_VALUE);

    /** Calls in flight. For the event loop only. */
    private final Set<EgressCall> calls = new HashSet<>();

    /** One permit for each call that waits for the event loop. */
    private final Semaphore beginning = new Semaphore(MOST_BEGINNING);

    private volatile boolean closed;

    /** For few calls: handshakes use the event loop. */
    public EgressClient(EgressRules rules, String version, Clock clock, NameResolver names) {
        this(rules, version, clock, names, Tls.DEFAULT.context(), (account, task) -> task.run());
    }

    /**
     * @param rules the allowed destinations
     * @param version of the product, for the User-Agent header
     * @param clock of the deadlines
     * @param names resolves receivers' addresses; closed by its owner
     * @param trust of connections of {@link Tls#DEFAULT}
     * @param handshakeTasks runs the computations of an account's TLS handshakes
     */
    public EgressClient(
            EgressRules rules,
            String version,
            Clock clock,
            NameResolver names,
            SSLContext trust,
            BiConsumer<String, Runnable> handshakeTasks) {
        this.rules = rules;
        this.names = names;
        this.clock = clock;
        this.userAgent = "engagement-webhooks/" + version;
        this.connections = new ConnectionPool(tls -> tls.equals(Tls.DEFAULT) ? trust : tls.context(), handshakeTasks);
    }

    /**
     * Sends this request once and blocks until the response.
     *
     * @return the response, whatever its status
     * @throws EgressRefusedException if an egress rule forbids it; nothing was sent
     * @throws NothingSentException if the proxy or the DNS lookup failed, so that nothing was sent, or this client was
     *     closed during the call, with an unknown outcome
     * @throws NoResponseException if status line and headers were not received completely
     * @throws IOException if the name could not be resolved
     */
    public Answer send(OutgoingRequest outgoing) throws IOException {
        Call call = begin(outgoing, null);
        try {
            return call.answer().toCompletableFuture().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            call.cancel();
            Thread.currentThread().interrupt();
            throw stopped();
        }
    }

    /** A call in flight, or one that has failed at once. Thread-safe. */
    @FunctionalInterface
    public interface Call {

        /** The response, completed on the event loop, which must not be blocked. */
        CompletionStage<Answer> answer();

        /**
         * How long it waited for the event loop and for other connections to the host, which has extended its deadline; final
         * at the end.
         */
        default Duration waited() {
            return Duration.ZERO;
        }

        /**
         * The response, complete, {@linkplain Answer#isCut() too long}, or 401, by which nothing was done. Fails with a
         * {@link TimeoutException} if it was late, otherwise with the reason why it is incomplete.
         */
        default CompletableFuture<Answer> wholeAnswer() {
            return answer().toCompletableFuture().handle((answer, failure) -> {
                if (failure != null) {
                    boolean isLate = failure instanceof NoResponseException known
                            && known.reason() == NoResponseException.Reason.RESPONSE_TIMEOUT;
                    throw new CompletionException(isLate ? late() : failure);
                }
                if (answer.note().isEmpty() || answer.isCut() || answer.status() == UNAUTHORIZED) {
                    return answer;
                }
                throw new CompletionException(
                        answer.note().equals(Answer.LATE) ? late() : new IOException(answer.note()));
            });
        }

        private static TimeoutException late() {
            return new TimeoutException("no whole answer in time");
        }

        /** Closes the connection; the response fails. */
        default void cancel() {}
    }

    /**
     * Sends this request once, without blocking.
     *
     * @param asked called on the event loop once connected, right before the first byte; throws
     *     {@link NothingSentException} to send nothing, since conditions may change during the connect. Null: no check
     */
    public Call begin(OutgoingRequest outgoing, Runnable asked) {
        return begin(outgoing, asked, Answer.READ_BYTES);
    }

    /** As above. @param mostBytes of the response body */
    public Call begin(OutgoingRequest outgoing, Runnable asked, int mostBytes) {
        return begin(outgoing, timeLeft(outgoing), asked, mostBytes, () -> {});
    }

    /**
     * As {@link #begin}, but blocks while {@value #MOST_BEGINNING} calls of this method wait for the event loop,
     * usually a few milliseconds. It keeps the loop's queue short, which is not fair among accounts.
     */
    public Call beginInTurn(OutgoingRequest outgoing, Runnable asked) {
        Duration left = timeLeft(outgoing);
        try {
            while (!beginning.tryAcquire(CLOSED_CHECK_MS, TimeUnit.MILLISECONDS)) {
                if (closed) {
                    return failed(stopped());
                }
            }
            return begin(outgoing, left, asked, Answer.READ_BYTES, beginning::release);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(stopped());
        }
    }

    /** Time to the deadline. Waiting for the event loop does not shorten it. */
    private Duration timeLeft(OutgoingRequest outgoing) {
        return Duration.between(clock.instant(), outgoing.deadline());
    }

    /** @param begun called once: when the request is sent, fails, or waits for DNS or the connection */
    private Call begin(OutgoingRequest outgoing, Duration left, Runnable asked, int mostBytes, Runnable begun) {
        boolean isOver = true;
        try {
            Destination to = rules.destination(outgoing.url());
            EgressCall call = new EgressCall(this, outgoing, to, asked, mostBytes, begun);
            connections.run(() -> begin(call, left));
            isOver = false;
            return call;
        } catch (EgressRefusedException e) {
            return failed(e);
        } catch (RejectedExecutionException e) {
            return failed(stopped());
        } finally {
            if (isOver) {
                begun.run();
            }
        }
    }

    private void begin(EgressCall call, Duration left) {
        if (closed) {
            call.abort(stopped());
            return;
        }
        calls.add(call);
        call.begin(left, left.minus(timeLeft(call.outgoing())));
    }

    private static Call failed(Exception failure) {
        CompletableFuture<Answer> answer = CompletableFuture.failedFuture(failure);
        return () -> answer;
    }

    /** Runs a task on the event loop, unless that has ended. */
    private void runUnlessClosed(Runnable task) {
        try {
            connections.run(task);
        } catch (RejectedExecutionException e) {
            LOG.trace("closed before", e);
        }
    }

    void ended(EgressCall call) {
        calls.remove(call);
    }

    void cancel(EgressCall call) {
        runUnlessClosed(() -> call.abort(stopped()));
    }

    /** Number of connections in use, to receivers and token endpoints. */
    public int connectionsInUse() {
        return connections.inUse();
    }

    /** Number of idle connections. */
    public int connectionsIdle() {
        return connections.idle();
    }

    @Override
    public void close() {
        closed = true;
        runUnlessClosed(() -> {
            List.copyOf(calls).forEach(call -> call.abort(stopped()));
            connections.close();
        });
    }

    ConnectionPool connections() {
        return connections;
    }

    EgressRules rules() {
        return rules;
    }

    SharedBudget answers() {
        return answers;
    }

    NameResolver names() {
        return names;
    }

    String userAgent() {
        return userAgent;
    }

    Instant now() {
        return clock.instant();
    }

    private NothingSentException stopped() {
        return new NothingSentException(STOPPED, clock.instant());
    }

    void checkProxyBackoff() {
        proxyBackoff.pause(clock.instant()).ifPresent(pause -> {
            throw new NothingSentException(pause.reason(), pause.until());
        });
    }

    /** The proxy works: resets its backoff. */
    void succeeded() {
        proxyBackoff.succeeded();
    }

    /** Maps a call's failure to the exception that the caller gets. */
    Exception failure(Throwable failure, EgressCall call) {
        if (failure instanceof EgressRefusedException || failure instanceof NothingSentException) {
            return (Exception) failure;
        }
        if (closed) {
            return stopped();
        }
        Optional<NothingSentException> unsent =
                OutOfSockets.judge("calling " + call.to().host(), failure, clock.instant());
        if (unsent.isPresent()) {
            return unsent.get();
        }
        if (failure instanceof ProxyFailedException proxy) {
            return notSent(proxy);
        }
        return failure instanceof IOException known ? known : new IllegalStateException(failure);
    }

    /** The exception for a proxy failure: nothing reached the receiver. */
    private NothingSentException notSent(ProxyFailedException failure) {
        Instant now = clock.instant();
        LOG.warn(
                "egress.proxy-failed proxy={}: {}",
                rules.proxy().map(EgressProxy::toString).orElse(""),
                failure.getMessage());
        String words = "Not sent: " + failure.getMessage();
        return failure.affectsAllCalls()
                ? new NothingSentException(
                        words,
                        proxyBackoff
                                .failed(now, words, PROXY_PAUSES, Duration.ZERO)
                                .until())
                : new NothingSentException(words, now.plus(PROXY_PAUSES.longest()));
    }
}
