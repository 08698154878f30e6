package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.egress.NoResponseException.Reason;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.LocalPorts;
import io.engagementwebhooks.tls.PeerLimitException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
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

/**
 * One request and its response: resolve, check addresses, connect, send, read, up to the deadline. Never blocks. All
 * but the methods of {@link EgressClient.Call} are for the event loop only.
 */
final class EgressCall implements EgressClient.Call, EgressConnection.Listener {

    private static final int MOST_HEADERS = 200;

    /** A connect that takes longer no longer counts against the limit of {@link EgressClient#beginInTurn}. */
    private static final long LONGEST_TO_BEGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** A shorter wait for other connections does not extend the deadline. */
    private static final long LEAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Longer than the connect timeout. */
    private static final long LONGEST_TO_PROXY_NANOS = TimeUnit.MILLISECONDS.toNanos(ConnectionPool.CONNECT_MS + 500L);

    private static final String RESET = "answer ended before its body was complete";
    private static final Duration MEMORY_RETRY = Duration.ofSeconds(5);
    private static final Duration CONNECTION_RETRY = Duration.ofSeconds(5);
    private static final String THREADS_BUSY =
            "the TLS handshakes of this account waited for this installation's processors";
    private static final String NO_MEMORY = "answer cut for want of memory";

    /** The bytes of a response that are not reserved, about those of a typical one. */
    private static final int UNCOUNTED_BYTES = 4 * 1024;

    private final EgressClient client;
    private final ConnectionPool connections;
    private final OutgoingRequest outgoing;
    private final Destination to;
    private final Runnable asked;
    private Runnable begun;
    private final Timing.Call timing;
    private final AnswerBody body = new AnswerBody();
    private final Queue<InetAddress> addresses = new ArrayDeque<>();

    /** Completes on the event loop. */
    private final CompletableFuture<Answer> result = new CompletableFuture<>();

    private Stage stage = Stage.RESOLVE;
    private Future<?> timer;
    private long endsAt;
    private volatile long waitedNanos;
    private InetAddress connecting;
    private long connectingSince;
    private int reserved;
    private ConnectionPool.Checkout checkout;
    private EgressConnection connection;
    private boolean isReused;

    /** Why an address could not be reached, if there are more. */
    private Throwable unreached;

    private HttpResponse response;

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
     */
    EgressCall(EgressClient client, OutgoingRequest outgoing, Destination to, Runnable asked, Runnable begun) {
        this.client = client;
        this.connections = client.connections();
        this.outgoing = outgoing;
        this.to = to;
        this.asked = asked;
        this.begun = begun;
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
            timer = connections.setTimer(left.toNanos(), () -> guarded(this::onDeadline));
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
    void abort(Throwable failure) {
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
            found.whenComplete(
                    (addresses, failure) -> connections.run(() -> guarded(() -> resolved(found, host, next))));
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
        connect(new InetSocketAddress(connecting, to.port()), null);
    }

    private void connectByProxy(List<InetAddress> found) {
        connect(new InetSocketAddress(found.get(0), proxy().port()), proxy());
    }

    private String target() {
        URI url = outgoing.url();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + '?' + url.getRawQuery();
    }

    private void connect(InetSocketAddress address, EgressProxy proxy) {
        stage = Stage.CONNECT;
        timing.end();
        long since = System.nanoTime();
        checkout = connections.checkOut(
                new ConnectionPool.Target(outgoing.account(), outgoing.tls(), to, address, proxy),
                () -> beginToConnect(since),
                (opened, failure) -> guarded(() -> connected(opened, failure)));
        checkout.begin();
        if (stage == Stage.CONNECT) {
            connections.setTimer(LONGEST_TO_BEGIN_NANOS, this::notifyBegun);
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
            timer.cancel(false);
            timer = connections.setTimer(endsAt - connectingSince, () -> guarded(this::onDeadline));
        }
    }

    private void connected(EgressConnection opened, Throwable failure) throws Exception {
        if (failure != null || stage != Stage.CONNECT) {
            checkout.release();
        }
        if (stage == Stage.CONNECT_LATE) {
            fail(failure == null ? new NoResponseException(Reason.RESPONSE_TIMEOUT) : notConnected(failure));
        } else if (stage == Stage.CONNECT && failure == null) {
            send(opened);
        } else if (stage == Stage.CONNECT && failure instanceof SocketException) {
            // nothing was opened
            Throwable why = notConnected(failure);
            unreached = unreached == null || isNoRoute(unreached) ? why : unreached;
            if (addresses.isEmpty()) {
                fail(unreached);
            } else {
                connectToNext();
            }
        } else if (stage == Stage.CONNECT) {
            fail(notConnected(failure));
        }
    }

    /** Usually the machine has no IPv6 address: another address says more. */
    private static boolean isNoRoute(Throwable why) {
        return why instanceof NoResponseException none && none.reason() == Reason.NO_ROUTE;
    }

    private Throwable notConnected(Throwable cause) {
        if (cause instanceof SslHandshakeTimeoutException) {
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

    private void send(EgressConnection opened) {
        connection = opened;
        isReused = opened.isUsed();
        stage = Stage.ANSWER;
        timing.connected(!isReused, opened.tls() == null ? 0 : opened.tls().nanos());
        if (asked != null) {
            asked.run();
        }
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(outgoing.method()),
                target(),
                Unpooled.wrappedBuffer(outgoing.body()));
        HttpHeaders headers = request.headers();
        // spaces around a value are not part of it (RFC 9110 section 5.5)
        outgoing.forEachHeader((name, value) -> headers.add(name, value.strip()));
        if (!headers.contains(HttpHeaderNames.HOST)) {
            headers.add("Host", outgoing.url().getRawAuthority());
        }
        headers.set("Content-Length", outgoing.body().length);
        if (!headers.contains(HttpHeaderNames.USER_AGENT)) {
            headers.add("User-Agent", client.userAgent());
        }
        notifyBegun();
        opened.send(request, this);
    }

    @Override
    public void failed(Throwable failure) {
        guarded(() -> {
            if (stage == Stage.BODY) {
                complete(failure instanceof PeerLimitException ? Answer.CUT : RESET);
            } else {
                fail(unanswered(NoResponseException.of(failure)));
            }
        });
    }

    @Override
    public void head(HttpResponse head) {
        guarded(() -> {
            response = head;
            if (head.status().code() < 200) {
                fail(new NoResponseException(Reason.NOT_HTTP));
            } else if (head.headers().size() > MOST_HEADERS) {
                fail(new NoResponseException(Reason.HEADERS_TOO_LONG));
            } else {
                stage = Stage.BODY;
                timing.begin(Timing.Part.BODY);
            }
        });
    }

    @Override
    public void end() {
        guarded(() -> {
            complete("");
            checkout.release();
        });
    }

    /** After a handshake, a server rejects a client certificate late, and its alert may be lost when it closes. */
    private NoResponseException unanswered(NoResponseException failure) {
        TlsHandshake tls = connection.tls();
        return switch (failure.reason()) {
            case TLS, RESET, CLOSED ->
                !isReused && tls != null && tls.isCertificateRequested() ? tls.failure(failure.getCause()) : failure;
            default -> failure;
        };
    }

    @Override
    public void part(ByteBuf part) {
        guarded(() -> {
            boolean isReserved = reserve(body.size() + part.readableBytes());
            if (isReserved && !body.add(ByteBufUtil.getBytes(part))) {
                complete(Answer.CUT);
            } else if (!isReserved) {
                complete(NO_MEMORY);
            }
        });
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

    @Override
    public void buffered(int bytes) {
        guarded(() -> {
            if (stage == Stage.ANSWER && !reserve(bytes)) {
                // an internal shortage, whether or not the receiver processed the request
                fail(new NothingSentException(
                        "this installation had no memory left for the answer",
                        client.now().plus(MEMORY_RETRY)));
            }
        });
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
            fail(notSent(ConnectionPool.MOST_OPENING + " connections to " + to.host()
                    + " were being opened and none became free"));
        } else if (checkout.tls() != null && checkout.tls().isComputing()) {
            fail(notSent(THREADS_BUSY));
        } else if (handshakeNanos() > 0) {
            fail(new NoResponseException(Reason.HANDSHAKE_TIMEOUT));
        } else if (isByProxy() && left > 0) {
            stage = Stage.CONNECT_LATE;
            timer = connections.setTimer(left, () -> guarded(this::onDeadline));
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
        if (isByProxy()) {
            client.succeeded();
        }
        result.complete(body.answer(response, note));
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
            timing.notConnected(handshakeNanos());
        } else {
            timing.end();
        }
        finish();
        drop();
        result.completeExceptionally(client.failure(failure, this));
    }

    private long handshakeNanos() {
        return checkout == null || checkout.isWaiting() || checkout.tls() == null
                ? 0
                : checkout.tls().nanos();
    }

    Destination to() {
        return to;
    }

    private void finish() {
        stage = Stage.ENDED;
        notifyBegun();
        client.answers().of(outgoing.account()).release(reserved);
        reserved = 0;
        if (timer != null) {
            timer.cancel(false);
        }
        client.ended(this);
    }

    /** Closes the connection. One that is being opened is kept once open. */
    private void drop() {
        if (connection != null) {
            connection.close();
            checkout.release();
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
