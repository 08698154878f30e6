package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutOfSockets;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.ReceiverNames;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.webhook.Tls;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way out: everything that calls a customer's HTTP endpoint, receivers and token endpoints, goes through this
 * client and so through the egress rules. One call is one request: no redirects, no retries, no cookies. The deadline
 * holds from resolving the name to the last header; what is left of it goes to the body, of which a bounded part is read.
 * No thread waits for an answer.
 *
 * <p>Thread-safe. It lives as long as the process; {@link #close()} ends its thread and connections.
 */
public final class EgressClient implements ReceiverNames, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EgressClient.class);

    /** How long a proxy that fails is left alone. */
    private static final Duration FIRST = Duration.ofSeconds(5);

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final String STOPPED = "this installation was stopped before the answer came";

    /** No call of a component takes longer. */
    private static final Duration LONGEST_OF_COMPONENT = Duration.ofMinutes(5);

    private static final int MOST_BEGINNING = 128;
    private static final long LOOK_AT_CLOSED_MS = 100;

    private static final int MOST_DESTINATIONS = 10_000;

    /** Answers that are being read take no more than this part of the heap, and some even of a small one. */
    private static final int PART_OF_HEAP = 16;

    private static final long LEAST_OF_ANSWERS = 8 << 20;

    private static final CompletableFuture<Void> READY = CompletableFuture.completedFuture(null);

    private final Map<URI, Destination> destinations = new ConcurrentHashMap<>();
    private final EgressRules rules;
    private final NameResolver names;
    private final String userAgent;
    private final Clock clock;
    private final Backoff proxyBackoff = new Backoff();
    private final HttpClients clients;

    /** Bytes of answers that are being read. */
    private final SharedBudget answers = new SharedBudget(
            Math.max(LEAST_OF_ANSWERS, Runtime.getRuntime().maxMemory() / PART_OF_HEAP), Long.MAX_VALUE);

    /** Calls that have begun and not ended; the event loop's. */
    private final Set<EgressCall> calls = new HashSet<>();

    /** One for each call that may wait for the event loop. */
    private final Semaphore beginning = new Semaphore(MOST_BEGINNING);

    private volatile boolean closed;

    /**
     * @param rules what may be called
     * @param version ours, for the User-Agent header
     * @param clock what deadlines refer to
     * @param names finds receivers' addresses; its owner closes it
     */
    public EgressClient(EgressRules rules, String version, Clock clock, NameResolver names) {
        this(rules, version, clock, names, Tls.DEFAULT.context());
    }

    EgressClient(EgressRules rules, String version, Clock clock, NameResolver names, SSLContext trust) {
        this.rules = rules;
        this.names = names;
        this.clock = clock;
        this.userAgent = "engagement-webhooks/" + version;
        this.clients = new HttpClients(tls -> tls.equals(Tls.DEFAULT) ? trust : tls.context());
    }

    /**
     * Sends exactly this request, once, and waits for the answer: for threads whose own it is to wait.
     *
     * @return the answer, whatever its status
     * @throws EgressRefusedException if a rule forbids it; nothing was sent
     * @throws NothingSentException if the proxy failed us or the host name could not be looked up, so that nothing reached
     *     the receiver, or this client is closed before it ends: its outcome is unknown, and not the receiver's fault
     * @throws ResponseTimeoutException if the deadline passed first
     * @throws IOException if no complete status line and headers came
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

    /** A call that has begun. Thread-safe. */
    public interface Call {

        /** The answer; completed on the event loop, which must not be kept. Fails as {@link #send} throws. */
        CompletionStage<Answer> answer();

        /** Drops the connection; the answer fails. */
        void cancel();
    }

    /**
     * Sends exactly this request, once, without waiting for the answer.
     *
     * @param asked on the event loop, when the connection is there and right before the first byte: connecting may have taken
     *     longer than what was true before it. It throws {@link NothingSentException} where nothing may be sent. Null: no check
     */
    public Call begin(OutgoingRequest outgoing, Runnable asked) {
        return begin(outgoing, asked, () -> {});
    }

    /**
     * As {@link #begin}, waiting while many calls of this method wait for the event loop to send them, which takes it a few
     * milliseconds: so that the loop's queue, which knows no accounts, stays short.
     */
    public Call beginInTurn(OutgoingRequest outgoing, Runnable asked) {
        try {
            while (!beginning.tryAcquire(LOOK_AT_CLOSED_MS, TimeUnit.MILLISECONDS)) {
                if (closed) {
                    return failed(stopped());
                }
            }
            return begin(outgoing, asked, beginning::release);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(stopped());
        }
    }

    /** @param begun called once: when the request is sent, will not be, or waits for others */
    private Call begin(OutgoingRequest outgoing, Runnable asked, Runnable begun) {
        boolean isOver = true;
        try {
            Destination to = destination(outgoing.url());
            EgressCall call = new EgressCall(this, clients, outgoing, to, asked, begun, calls::remove);
            clients.run(() -> begin(call));
            isOver = false;
            return new OnLoop(call);
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

    private void begin(EgressCall call) {
        if (closed) {
            call.end(stopped());
            return;
        }
        calls.add(call);
        call.begin(Duration.between(clock.instant(), call.outgoing().deadline()).toNanos());
    }

    private static Call failed(Exception failure) {
        CompletableFuture<Answer> answer = CompletableFuture.failedFuture(failure);
        return new Call() {
            @Override
            public CompletionStage<Answer> answer() {
                return answer;
            }

            @Override
            public void cancel() {}
        };
    }

    private final class OnLoop implements Call {

        private final EgressCall call;

        OnLoop(EgressCall call) {
            this.call = call;
        }

        @Override
        public CompletionStage<Answer> answer() {
            return call.result();
        }

        @Override
        public void cancel() {
            try {
                clients.run(() -> call.end(stopped()));
            } catch (RejectedExecutionException e) {
                LOG.trace("closed before", e);
            }
        }
    }

    /**
     * Completes when the address of a receiver is known or cannot be known now: the call itself does not wait for it then.
     * Fails for nothing: why there is no address is the call's to say.
     */
    @Override
    public CompletableFuture<Void> ready(String account, URI url) {
        try {
            Destination to = destination(url);
            return rules.proxy().isPresent() || to.literal().isPresent()
                    ? READY
                    : names.resolve(account, to.host()).handle((addresses, failure) -> null);
        } catch (EgressRefusedException e) {
            return READY;
        }
    }

    /** Read once per URL: webhooks are few beside deliveries. */
    private Destination destination(URI url) throws EgressRefusedException {
        Destination known = destinations.get(url);
        if (known == null) {
            known = Destination.of(url);
            if (destinations.size() < MOST_DESTINATIONS) {
                destinations.put(url, known);
            }
        }
        return known;
    }

    /**
     * A client under the same rules for components that speak HttpClient's non-blocking interface. Deadlines and limits of
     * the answer are its user's business, and so is closing it.
     *
     * @param asked the attribute of a context under which its user may leave a {@link Runnable} that throws where nothing may
     *     be sent any more: it is run when the connection is there, right before the first byte
     * @param timing the attribute under which its user may leave the {@link Timing} of what the call is a part of
     * @param account the attribute under which its user leaves the account whose call it is; none: the operator's
     */
    public CloseableHttpAsyncClient asyncClient(String asked, String timing, String account) {
        return new AsyncCalls((request, body, context) -> {
            OutgoingRequest outgoing = OutgoingRequest.measured(
                    context.getAttribute(account) instanceof String known ? known : OutgoingRequest.OPERATOR,
                    uri(request),
                    request.getMethod(),
                    body,
                    clock.instant().plus(LONGEST_OF_COMPONENT),
                    context.getAttribute(timing) instanceof Timing whole ? whole : new Timing());
            for (Header header : request.getHeaders()) {
                outgoing.header(header.getName(), header.getValue());
            }
            return begin(outgoing, context.getAttribute(asked) instanceof Runnable runnable ? runnable : null);
        });
    }

    private static URI uri(HttpRequest request) throws EgressRefusedException {
        try {
            return request.getUri();
        } catch (URISyntaxException e) {
            throw new EgressRefusedException("the URL cannot be read");
        }
    }

    /** Connections to receivers and token endpoints that are in use. */
    public int connectionsInUse() {
        return clients.inUse();
    }

    /** Connections that are kept open for a next request. */
    public int connectionsIdle() {
        return clients.idle();
    }

    @Override
    public void close() {
        closed = true;
        try {
            clients.run(() -> {
                List.copyOf(calls).forEach(call -> call.end(stopped()));
                clients.close();
            });
        } catch (RejectedExecutionException e) {
            LOG.trace("closed before", e);
        }
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

    void failWhileProxyFails() {
        proxyBackoff.pause(clock.instant()).ifPresent(pause -> {
            throw new NothingSentException(pause.reason(), pause.until());
        });
    }

    /** An answer came. */
    void succeeded() {
        proxyBackoff.succeeded();
    }

    /**
     * What a call's failure means.
     *
     * @param wasAskedForCertificate whether the server asked for a client certificate
     */
    Exception failure(Throwable failure, EgressCall call, boolean wasAskedForCertificate) {
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
        if (failure instanceof ResponseTimeoutException late) {
            return late;
        }
        if (failure instanceof ProxyFailedException proxy && !proxy.isOfReceiver()) {
            return notSent(proxy);
        }
        if (!(failure instanceof IOException known)) {
            return new IllegalStateException(failure);
        }
        // a server tells what it makes of our certificate late, and its alert may be lost when it closes
        return known instanceof SSLException || wasAskedForCertificate && isBroken(known)
                ? new TlsFailedException(
                        call.outgoing().tls(),
                        wasAskedForCertificate,
                        TlsHandshakes.AfterCertificateRequestException.cause(known))
                : known;
    }

    /** Nothing reached the receiver, and it is not its fault. */
    private NothingSentException notSent(ProxyFailedException failure) {
        Instant now = clock.instant();
        LOG.warn(
                "egress.proxy-failed proxy={}: {}",
                rules.proxy().map(EgressProxy::toString).orElse(""),
                failure.getMessage());
        String words = "Not sent: " + failure.getMessage();
        return failure.concernsAll()
                ? new NothingSentException(
                        words,
                        proxyBackoff
                                .failed(now, words, FIRST, LONGEST, Duration.ZERO)
                                .until())
                : new NothingSentException(words, now.plus(LONGEST));
    }

    private static boolean isBroken(Exception e) {
        return e instanceof SocketException || e instanceof ConnectionClosedException;
    }
}
