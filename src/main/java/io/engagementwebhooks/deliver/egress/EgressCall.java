package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.egress.NoResponseException.Reason;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.LocalPorts;
import io.engagementwebhooks.tls.PeerLimitException;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One request and its response: resolve, check addresses, connect, send, read, up to the deadline. Never blocks. All
 * but the methods of {@link EgressClient.Call} are for the event loop only.
 */
final class EgressCall implements EgressClient.Call {

    private static final int MOST_HEADERS = 200;

    /** A connect that takes longer no longer counts against the limit of {@link EgressClient#beginInTurn}. */
    private static final long LONGEST_TO_BEGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** A shorter wait for other connections does not extend the deadline. */
    private static final long LEAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Ends tunnels that a call has abandoned; longer than any deadline. */
    private static final Duration LONGEST_TUNNEL = Duration.ofMinutes(5);

    /** Longer than the connect timeout. */
    private static final long LONGEST_TO_PROXY_NANOS = TimeUnit.MILLISECONDS.toNanos(HttpClients.CONNECT_MS + 500L);

    private static final String RESET = "answer ended before its body was complete";
    private static final Duration MEMORY_RETRY = Duration.ofSeconds(5);
    private static final Duration CONNECTION_RETRY = Duration.ofSeconds(5);
    private static final String THREADS_BUSY =
            "the TLS handshakes of this account waited for this installation's processors";
    private static final String NO_MEMORY = "answer cut for want of memory";

    /** The bytes of a response that are not reserved, about those of a typical one. */
    private static final int UNCOUNTED_BYTES = 4 * 1024;

    private final EgressClient client;
    private final HttpClients clients;
    private final OutgoingRequest outgoing;
    private final Destination to;
    private final Runnable asked;
    private final Consumer<EgressCall> ended;
    private Runnable begun;
    private final Timing.Call timing;
    private final AnswerBody body = new AnswerBody();
    private final Queue<InetAddress> addresses = new ArrayDeque<>();

    /** Completes on the event loop. */
    private final CompletableFuture<Answer> result = new CompletableFuture<>();

    private Stage stage = Stage.RESOLVE;
    private long timer = -1;
    private long endsAt;
    private volatile long waitedNanos;
    private InetAddress connecting;
    private long connectingSince;
    private int reserved;
    private HttpClients.Checkout checkout;
    private HttpClientRequest request;
    private HttpClientResponse response;

    private enum Stage {
        RESOLVE,
        CONNECT,
        /**
         * After the deadline, with a proxy: waits for the connect to fail, to learn whether the proxy was reachable.
         */
        CONNECT_LATE,
        ANSWER,
        BODY,
        ENDED
    }

    /**
     * @param client shared by calls
     * @param to the destination
     * @param asked called right before the first byte; throws {@link NothingSentException} to send nothing. Null: no
     *     check
     * @param begun called once: when the request is sent, fails, or waits for DNS or the connection
     * @param ended called at the end
     */
    EgressCall(
            EgressClient client,
            HttpClients clients,
            OutgoingRequest outgoing,
            Destination to,
            Runnable asked,
            Runnable begun,
            Consumer<EgressCall> ended) {
        this.client = client;
        this.clients = clients;
        this.outgoing = outgoing;
        this.to = to;
        this.asked = asked;
        this.begun = begun;
        this.ended = ended;
        this.timing = outgoing.timing().call();
    }

    @Override
    public CompletableFuture<Answer> answer() {
        return result;
    }

    OutgoingRequest outgoing() {
        return outgoing;
    }

    @Override
    public Duration waited() {
        return Duration.ofNanos(waitedNanos);
    }

    @Override
    public void cancel() {
        client.cancel(this);
    }

    /**
     * @param left time to the deadline
     * @param waited time that it waited for the event loop
     */
    void begin(Duration left, Duration waited) {
        guarded(() -> {
            waitedNanos = waited.toNanos();
            if (left.isZero() || left.isNegative()) {
                fail(new NoResponseException(Reason.RESPONSE_TIMEOUT));
                return;
            }
            endsAt = System.nanoTime() + left.toNanos();
            timer = clients.setTimer(left.toNanos(), () -> guarded(this::onDeadline));
            if (client.rules().proxy().isPresent()) {
                client.rules().check(to);
            }
            if (isByProxy()) {
                client.checkProxyBackoff();
                String host = proxy().host();
                resolve(OutgoingRequest.OPERATOR, host, LiteralAddress.of(host), this::connectByProxy);
            } else {
                resolve(outgoing.account(), to.host(), to.literal(), this::connectDirectly);
            }
        });
    }

    private void notifyBegun() {
        Runnable first = begun;
        begun = () -> {};
        first.run();
    }

    /** Ends the call at any stage. */
    void end(Throwable failure) {
        guarded(() -> fail(failure));
    }

    private boolean isByProxy() {
        return client.rules().proxy().isPresent() && !to.plain();
    }

    private EgressProxy proxy() {
        return client.rules().proxy().orElseThrow();
    }

    private void resolve(String account, String host, Optional<InetAddress> literal, Step<List<InetAddress>> next)
            throws Exception {
        if (literal.isPresent()) {
            next.take(List.of(literal.get()));
            return;
        }
        timing.begin(Timing.Part.DNS);
        CompletableFuture<List<InetAddress>> found = client.names().resolve(account, host);
        if (found.isDone()) {
            resolved(found, host, next);
        } else {
            notifyBegun();
            found.whenComplete((addresses, failure) -> clients.run(() -> guarded(() -> resolved(found, host, next))));
        }
    }

    private void resolved(CompletableFuture<List<InetAddress>> found, String host, Step<List<InetAddress>> next)
            throws Exception {
        if (stage != Stage.RESOLVE) {
            return;
        }
        List<InetAddress> known;
        try {
            known = found.join();
        } catch (CompletionException e) {
            unresolved(host, e.getCause());
            return;
        }
        next.take(known);
    }

    /** A new exception, with this caller's stack trace. */
    private void unresolved(String host, Throwable cause) {
        if (isByProxy()) {
            fail(ProxyFailedException.of(new UnknownHostException(host)));
        } else {
            fail(cause instanceof NothingSentException ? cause : new UnknownHostException(host));
        }
    }

    private void connectDirectly(List<InetAddress> found) throws Exception {
        addresses.addAll(client.rules().allowed(to.plain(), to.host(), to.port(), found));
        connectToNext();
    }

    /** Connects to the checked address, so that a second DNS response cannot redirect the call. */
    private void connectToNext() throws Exception {
        connecting = InetAddress.getByAddress(addresses.remove().getAddress());
        connect(options().setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(connecting, to.port()))));
    }

    private void connectByProxy(List<InetAddress> found) {
        EgressProxy proxy = proxy();
        ProxyOptions options = new ProxyOptions()
                .setConnectTimeout(LONGEST_TUNNEL)
                .setHost(found.get(0).getHostAddress())
                .setPort(proxy.port());
        if (!proxy.user().isEmpty()) {
            options.setUsername(proxy.user()).setPassword(proxy.password().reveal());
        }
        connect(options().setProxyOptions(options));
    }

    private RequestOptions options() {
        return new RequestOptions()
                .setMethod(HttpMethod.valueOf(outgoing.method()))
                .setHost(to.host())
                .setPort(to.port())
                .setSsl(!to.plain())
                .setURI(target());
    }

    private String target() {
        URI url = outgoing.url();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + '?' + url.getRawQuery();
    }

    private void connect(RequestOptions options) {
        stage = Stage.CONNECT;
        timing.end();
        long since = System.nanoTime();
        checkout = clients.checkOut(outgoing.account(), outgoing.tls(), options);
        checkout.request(() -> beginToConnect(since), outcome -> guarded(() -> connected(outcome)));
        if (stage == Stage.CONNECT) {
            clients.setTimer(LONGEST_TO_BEGIN_NANOS, this::notifyBegun);
        }
    }

    /** The wait for other connections is not the receiver's time. */
    private void beginToConnect(long waitingSince) {
        connectingSince = System.nanoTime();
        timing.begin(Timing.Part.CONNECT);
        long waited = connectingSince - waitingSince;
        if (waited >= LEAST_WAIT_NANOS) {
            waitedNanos += waited;
            endsAt += waited;
            clients.cancelTimer(timer);
            timer = clients.setTimer(endsAt - connectingSince, () -> guarded(this::onDeadline));
        }
    }

    private void connected(AsyncResult<HttpClientRequest> outcome) throws Exception {
        if (outcome.failed()) {
            checkout.release(null);
        } else {
            // the response fails too
            outcome.result().exceptionHandler(failure -> {});
        }
        if (stage == Stage.CONNECT_LATE) {
            fail(outcome.failed() ? notConnected(outcome.cause()) : new NoResponseException(Reason.RESPONSE_TIMEOUT));
        }
        if (stage != Stage.CONNECT) {
            if (outcome.succeeded()) {
                checkout.markUsed(outcome.result());
                checkout.release(outcome.result());
                outcome.result().reset();
            }
            return;
        }
        if (outcome.succeeded()) {
            send(outcome.result());
        } else if (isConnectFailure(outcome.cause()) && !addresses.isEmpty()) {
            connectToNext();
        } else {
            fail(notConnected(outcome.cause()));
        }
    }

    /** Whether no connection was opened, so that the next address can be tried. */
    private static boolean isConnectFailure(Throwable failure) {
        return failure instanceof SocketException || failure instanceof TimeoutException;
    }

    private Throwable notConnected(Throwable cause) {
        if (Causes.first(cause, TlsHandshakes.ThreadsBusyException.class).isPresent()) {
            return notSent(THREADS_BUSY);
        }
        if (isByProxy()) {
            return ProxyFailedException.of(cause);
        }
        return LocalPorts.isNoneLeft(cause) && connecting instanceof Inet6Address
                // usually the machine has no IPv6 address
                ? new NoResponseException(Reason.NO_ROUTE)
                : NoResponseException.of(cause);
    }

    private void send(HttpClientRequest connected) {
        request = connected;
        stage = Stage.ANSWER;
        TlsHandshakes.ObservedHandler tls = HttpClients.tls(connected);
        timing.connected(checkout.markUsed(connected), tls == null ? 0 : tls.nanos());
        if (asked != null) {
            asked.run();
        }
        MultiMap headers = connected.headers();
        outgoing.forEachHeader(headers::add);
        if (!headers.contains("Host")) {
            headers.add("Host", outgoing.url().getRawAuthority());
        }
        headers.set("Content-Length", Integer.toString(outgoing.body().length));
        if (!headers.contains("User-Agent")) {
            headers.add("User-Agent", client.userAgent());
        }
        HttpClients.gate(connected).beginAnswer();
        HttpClients.codec(connected).onBuffered(bytes -> guarded(() -> onBuffered(bytes)));
        notifyBegun();
        connected.send(Buffer.buffer(outgoing.body())).onComplete(outcome -> guarded(() -> answered(outcome)));
    }

    private void answered(AsyncResult<HttpClientResponse> outcome) {
        if (stage != Stage.ANSWER) {
            return;
        }
        if (outcome.failed()) {
            fail(unanswered(NoResponseException.of(outcome.cause())));
            return;
        }
        response = outcome.result();
        // first, since Vert.x logs a failure that has no handler
        response.exceptionHandler(failure -> guarded(() -> {
            complete(failure instanceof PeerLimitException ? Answer.CUT : RESET);
            checkout.release(null);
        }));
        if (response.statusCode() < 200) {
            fail(new NoResponseException(Reason.NOT_HTTP));
            return;
        }
        if (response.headers().size() > MOST_HEADERS) {
            fail(new NoResponseException(Reason.HEADERS_TOO_LONG));
            return;
        }
        stage = Stage.BODY;
        timing.begin(Timing.Part.BODY);
        HttpClients.gate(request).beginBody();
        HttpClients.codec(request).onComplete(() -> guarded(() -> complete("")));
        response.handler(part -> guarded(() -> read(part)));
        response.endHandler(ignored -> guarded(() -> {
            complete("");
            checkout.release(request);
        }));
    }

    /** A server rejects a client certificate late, and its alert may be lost when it closes. */
    private NoResponseException unanswered(NoResponseException failure) {
        TlsHandshakes.ObservedHandler tls = HttpClients.tls(request);
        return switch (failure.reason()) {
            case TLS, RESET, CLOSED ->
                tls != null && tls.isCertificateRequested() ? tls.failure(failure.getCause()) : failure;
            default -> failure;
        };
    }

    private void read(Buffer part) {
        if (stage != Stage.BODY) {
            return;
        }
        boolean isReserved = reserve(body.size() + part.length());
        if (isReserved && !body.add(part.getBytes())) {
            complete(Answer.CUT);
        } else if (!isReserved) {
            complete(NO_MEMORY);
        }
    }

    /**
     * Reserves memory; small responses are not counted.
     *
     * @return false if the account's responses have no memory left
     */
    private boolean reserve(int bytes) {
        int more = Math.min(bytes, Answer.READ_BYTES) - reserved;
        if (bytes <= UNCOUNTED_BYTES || more <= 0) {
            return true;
        }
        boolean isReserved = client.answers().of(outgoing.account()).tryAcquire(more);
        reserved += isReserved ? more : 0;
        return isReserved;
    }

    /** Called with the number of bytes of an incomplete response head. */
    private void onBuffered(int bytes) {
        if (stage == Stage.ANSWER && !reserve(bytes)) {
            // an internal shortage, whether or not the receiver processed the request
            fail(new NothingSentException(
                    "this installation had no memory left for the answer",
                    client.now().plus(MEMORY_RETRY)));
        }
    }

    private void onDeadline() {
        switch (stage) {
            case RESOLVE -> fail(NameResolver.notInTime(to.host(), client.now()));
            case CONNECT -> onConnectDeadline();
            case BODY -> complete(Answer.LATE);
            default -> fail(new NoResponseException(Reason.RESPONSE_TIMEOUT));
        }
    }

    /** A deadline during connect: not the receiver's fault if we lack something or the proxy was not reached. */
    private void onConnectDeadline() {
        long left = LONGEST_TO_PROXY_NANOS + connectingSince - System.nanoTime();
        if (checkout.isWaiting()) {
            fail(notSent(HttpClients.MOST_OPENING + " connections to " + to.host()
                    + " were being opened and none became free"));
        } else if (checkout.isComputingHandshake(connectingSince)) {
            fail(notSent(THREADS_BUSY));
        } else if (checkout.handshakeNanos(connectingSince) > 0) {
            fail(new NoResponseException(Reason.HANDSHAKE_TIMEOUT));
        } else if (isByProxy() && left > 0) {
            stage = Stage.CONNECT_LATE;
            timer = clients.setTimer(left, () -> guarded(this::onDeadline));
        } else {
            fail(new NoResponseException(Reason.RESPONSE_TIMEOUT));
        }
    }

    private NothingSentException notSent(String reason) {
        return new NothingSentException("Not sent: " + reason, client.now().plus(CONNECTION_RETRY));
    }

    /** @param note why the body is incomplete; the connection is then closed. Empty: it is complete */
    private void complete(String note) {
        if (stage != Stage.BODY) {
            return;
        }
        timing.end();
        finish();
        if (!note.isEmpty()) {
            drop();
        }
        MultiMap headers = response.headers();
        String coding = Optional.ofNullable(headers.get("Content-Encoding")).orElse("");
        if (isByProxy()) {
            client.succeeded();
        }
        result.complete(body.answer(response.statusCode(), headers, coding, note));
    }

    private void fail(Throwable failure) {
        if (stage == Stage.ENDED) {
            // has an effect only if the end itself failed
            result.completeExceptionally(new IllegalStateException(failure));
            return;
        }
        if (failure instanceof UnknownHostException) {
            timing.notResolved();
        } else if (stage == Stage.CONNECT || stage == Stage.CONNECT_LATE) {
            timing.notConnected(handshakeNanos(failure));
        } else {
            timing.end();
        }
        finish();
        drop();
        result.completeExceptionally(client.failure(failure, this));
    }

    private long handshakeNanos(Throwable failure) {
        if (!(failure instanceof NoResponseException known) || known.reason() != Reason.HANDSHAKE_TIMEOUT) {
            return 0;
        }
        return known.getCause() == null
                ? checkout.handshakeNanos(connectingSince)
                : TimeUnit.SECONDS.toNanos(HttpClients.HANDSHAKE_SECONDS);
    }

    Destination to() {
        return to;
    }

    private void finish() {
        stage = Stage.ENDED;
        notifyBegun();
        client.answers().of(outgoing.account()).release(reserved);
        reserved = 0;
        clients.cancelTimer(timer);
        ended.accept(this);
    }

    /** Closes the connection. One that is still opening is closed once open. */
    private void drop() {
        if (request != null) {
            checkout.release(null);
            request.reset();
        } else if (checkout != null) {
            checkout.abandon();
        }
    }

    /** Fails the call with any exception of the code. */
    private void guarded(Throwing code) {
        try {
            code.run();
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            fail(e);
        }
    }

    @FunctionalInterface
    private interface Throwing {
        void run() throws Exception;
    }

    @FunctionalInterface
    private interface Step<T> {
        void take(T value) throws Exception;
    }
}
