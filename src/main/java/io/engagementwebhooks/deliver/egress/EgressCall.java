package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.LocalPorts;
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
import java.net.NoRouteToHostException;
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
import java.util.function.Consumer;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.MessageConstraintException;

/**
 * One request and its answer, on the event loop: resolve, judge the addresses, connect to one of them, send, read. Nothing of it
 * waits. Its deadline ends it wherever it is. For the event loop only.
 */
final class EgressCall {

    private static final int MOST_HEADERS = 200;

    /** Who does not accept a connection in that time is waited for like one who does not answer. */
    private static final long LONGEST_TO_BEGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Longer than any deadline: an end to what a call has given up. */
    private static final Duration LONGEST_TUNNEL = Duration.ofMinutes(5);

    /** Longer than its connection may take. */
    private static final long LONGEST_TO_PROXY_NANOS = TimeUnit.MILLISECONDS.toNanos(HttpClients.CONNECT_MS + 500L);

    private static final String RESET = "answer ended before its body was complete";
    private static final Duration MEMORY_RETRY = Duration.ofSeconds(5);
    private static final String NO_MEMORY = "answer cut for want of memory";

    /** Of an answer: as many bytes as all have, about. */
    private static final int UNCOUNTED_BYTES = 4 * 1024;

    private static final String LATE = "answer's body was late";

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

    /** Completed on the event loop. */
    private final CompletableFuture<Answer> result = new CompletableFuture<>();

    private Stage stage = Stage.RESOLVE;
    private long timer = -1;
    private InetAddress connecting;
    private long connectingSince;
    private int reserved;
    private HttpClients.Hold hold;
    private HttpClientRequest request;
    private HttpClientResponse response;

    private enum Stage {
        RESOLVE,
        CONNECT,
        /** With a proxy, after the deadline: only its failure shows whether it was reachable. */
        CONNECT_LATE,
        ANSWER,
        BODY,
        ENDED
    }

    /**
     * @param client for what calls have in common
     * @param to where the request goes
     * @param asked right before the first byte; throws {@link NothingSentException} where nothing may be sent. Null: no check
     * @param begun called once: when the request is sent, will not be, or waits for others
     * @param ended called when the call has ended
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

    CompletableFuture<Answer> result() {
        return result;
    }

    OutgoingRequest outgoing() {
        return outgoing;
    }

    /** @param leftNanos until the deadline */
    void begin(long leftNanos) {
        guarded(() -> {
            if (leftNanos <= 0) {
                fail(new ResponseTimeoutException());
                return;
            }
            timer = clients.setTimer(leftNanos, () -> guarded(this::late));
            if (client.rules().proxy().isPresent()) {
                client.rules().checkTunnel(to.plain(), to.host(), to.port());
            }
            if (isByProxy()) {
                client.failWhileProxyFails();
                String host = proxy().host();
                resolve(OutgoingRequest.OPERATOR, host, LiteralAddress.of(host), this::connectByProxy);
            } else {
                resolve(outgoing.account(), to.host(), to.literal(), this::connectToOneOf);
            }
        });
    }

    private void begun() {
        Runnable first = begun;
        begun = () -> {};
        first.run();
    }

    /** Ends it at any stage. */
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
            begun();
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

    /** Each caller has another trace. */
    private void unresolved(String host, Throwable cause) {
        if (isByProxy()) {
            fail(ProxyFailedException.unreachable(new UnknownHostException(host)));
        } else {
            fail(cause instanceof NothingSentException ? cause : new UnknownHostException(host));
        }
    }

    private void connectToOneOf(List<InetAddress> found) throws Exception {
        addresses.addAll(client.rules().callable(to.plain(), to.host(), to.port(), found));
        connectToNext();
    }

    /** It goes to the very address that was judged, so that a second answer of the name service cannot lead elsewhere. */
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
        connectingSince = System.nanoTime();
        timing.begin(Timing.Part.CONNECT);
        hold = clients.hold(outgoing.tls(), options);
        hold.request(options, outcome -> guarded(() -> connected(outcome)));
        if (stage == Stage.CONNECT) {
            clients.setTimer(LONGEST_TO_BEGIN_NANOS, this::begun);
        }
    }

    private void connected(AsyncResult<HttpClientRequest> outcome) throws Exception {
        if (outcome.failed()) {
            hold.release(null);
        } else {
            // the answer fails too
            outcome.result().exceptionHandler(failure -> {});
        }
        if (stage == Stage.CONNECT_LATE) {
            fail(outcome.failed() ? notConnected(outcome.cause()) : new ResponseTimeoutException());
        }
        if (stage != Stage.CONNECT) {
            if (outcome.succeeded()) {
                hold.isFirst(outcome.result());
                hold.release(outcome.result());
                outcome.result().reset();
            }
            return;
        }
        if (outcome.succeeded()) {
            send(outcome.result());
        } else if (HttpFaults.isOfConnect(outcome.cause()) && !addresses.isEmpty()) {
            connectToNext();
        } else {
            fail(notConnected(outcome.cause()));
        }
    }

    private Throwable notConnected(Throwable cause) {
        if (isByProxy()) {
            return HttpFaults.byProxy(cause);
        }
        return LocalPorts.isNoneLeft(cause) && connecting instanceof Inet6Address
                // as a rule the machine has no address of that kind
                ? new NoRouteToHostException(cause.getMessage())
                : HttpFaults.of(cause);
    }

    private void send(HttpClientRequest connected) {
        request = connected;
        stage = Stage.ANSWER;
        TlsHandshakes.Noted tls = HttpClients.tls(connected);
        timing.connected(hold.isFirst(connected), tls == null ? 0 : tls.nanos());
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
        HttpClients.codec(connected).onHeld(bytes -> guarded(() -> held(bytes)));
        begun();
        connected.send(Buffer.buffer(outgoing.body())).onComplete(outcome -> guarded(() -> answered(outcome)));
    }

    private void answered(AsyncResult<HttpClientResponse> outcome) {
        if (stage != Stage.ANSWER) {
            return;
        }
        if (outcome.failed()) {
            fail(HttpFaults.of(outcome.cause()));
            return;
        }
        response = outcome.result();
        if (response.statusCode() < 200) {
            fail(new ClientProtocolException("the status " + response.statusCode() + " is no final answer"));
            return;
        }
        if (response.headers().size() > MOST_HEADERS) {
            fail(new MessageConstraintException("more than " + MOST_HEADERS + " headers"));
            return;
        }
        stage = Stage.BODY;
        timing.begin(Timing.Part.BODY);
        HttpClients.codec(request).onWhole(() -> guarded(() -> complete("")));
        response.exceptionHandler(failure -> guarded(() -> {
            complete(RESET);
            hold.release(null);
        }));
        response.handler(part -> guarded(() -> read(part)));
        response.endHandler(ignored -> guarded(() -> {
            complete("");
            hold.release(request);
        }));
    }

    private void read(Buffer part) {
        if (stage != Stage.BODY) {
            return;
        }
        boolean isRoom = reserve(body.size() + part.length());
        if (isRoom && !body.add(part.getBytes())) {
            complete(AnswerBody.tooLong());
        } else if (!isRoom) {
            complete(NO_MEMORY);
        }
    }

    /** Small answers are not counted. @return false: the account's answers have no more memory now */
    private boolean reserve(int bytes) {
        int more = Math.min(bytes, Answer.READ_BYTES) - reserved;
        if (bytes <= UNCOUNTED_BYTES || more <= 0) {
            return true;
        }
        boolean isReserved = client.answers().of(outgoing.account()).tryAcquire(more);
        reserved += isReserved ? more : 0;
        return isReserved;
    }

    /** Bytes of a head or a line of it that have come, and are not yet a whole one. */
    private void held(int bytes) {
        if (stage == Stage.ANSWER && !reserve(bytes)) {
            // a shortage of ours, whatever the receiver did with the request
            fail(new NothingSentException(
                    "this installation had no memory left for the answer",
                    client.now().plus(MEMORY_RETRY)));
        }
    }

    private void late() {
        switch (stage) {
            case RESOLVE -> fail(NameResolver.notInTime(to.host(), client.now()));
            case CONNECT -> lateToConnect();
            case BODY -> complete(LATE);
            default -> fail(new ResponseTimeoutException());
        }
    }

    /** A proxy that was not reached is no fault of the receiver; one that says nothing may be waiting for it. */
    private void lateToConnect() {
        if (hold.handshakeNanos(connectingSince) > 0) {
            fail(new HandshakeTimeoutException(null));
            return;
        }
        long left = LONGEST_TO_PROXY_NANOS + connectingSince - System.nanoTime();
        if (isByProxy() && left > 0) {
            stage = Stage.CONNECT_LATE;
            timer = clients.setTimer(left, () -> guarded(this::late));
        } else {
            fail(new ResponseTimeoutException());
        }
    }

    /** @param note what kept the body from being read to its end; then the connection is of no more use. Empty: nothing */
    private void complete(String note) {
        if (stage != Stage.BODY) {
            return;
        }
        timing.end();
        ended();
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
            // of no effect but where its end itself failed
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
        boolean wasAskedForCertificate = wasAskedForCertificate(failure);
        ended();
        drop();
        result.completeExceptionally(client.failure(failure, this, wasAskedForCertificate));
    }

    private long handshakeNanos(Throwable failure) {
        return failure instanceof HandshakeTimeoutException late
                ? late.limit().map(Duration::toNanos).orElseGet(() -> hold.handshakeNanos(connectingSince))
                : 0;
    }

    private boolean wasAskedForCertificate(Throwable failure) {
        TlsHandshakes.Noted tls = request == null ? null : HttpClients.tls(request);
        return tls == null
                ? failure instanceof TlsHandshakes.AfterCertificateRequestException
                : tls.isAskedForCertificate();
    }

    Destination to() {
        return to;
    }

    private void ended() {
        stage = Stage.ENDED;
        begun();
        client.answers().of(outgoing.account()).release(reserved);
        reserved = 0;
        clients.cancelTimer(timer);
        ended.accept(this);
    }

    /** Drops its connection, on which more may come. One that is being opened is dropped when it is open. */
    private void drop() {
        if (request != null) {
            hold.release(null);
            request.reset();
        }
    }

    /** Makes what the code throws the failure of the call. */
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
