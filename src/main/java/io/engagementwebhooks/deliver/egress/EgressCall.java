package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.egress.NoResponseException.Reason;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.tls.PeerLimitException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.Future;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One request and its response: connect, send, read, up to the deadline. Never blocks. All but the methods of
 * {@link EgressClient.Call} are for the event loop only.
 */
final class EgressCall implements EgressClient.Call {

    private static final int MOST_HEADERS = 200;

    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final String RESET = "answer ended before its body was complete";
    private final EgressClient client;
    private final ConnectionPool connections;
    private final OutgoingRequest outgoing;
    private final Destination to;
    private final Runnable asked;
    private Runnable begun;
    private final Timing.Call timing;
    private final AnswerBody body;
    private final ConnectPhase connecting;

    /** Completes on the event loop. */
    private final CompletableFuture<Answer> result = new CompletableFuture<>();

    private Stage stage = Stage.CONNECT;
    private Future<?> timer;
    private long endsAt;
    private volatile long waitedNanos;
    private EgressConnection connection;
    private boolean isReused;
    private HttpResponse response;

    private enum Stage {
        CONNECT,
        ANSWER,
        BODY,
        ENDED
    }

    /**
     * @param client shared by calls
     * @param to the destination
     * @param asked called right before the first byte; throws {@link NothingSentException} to send nothing. Null: no
     *     check
     * @param mostBytes of the response body
     * @param begun called once: when the request is sent, fails, or waits for DNS or the connection
     */
    EgressCall(
            EgressClient client,
            OutgoingRequest outgoing,
            Destination to,
            Runnable asked,
            int mostBytes,
            Runnable begun) {
        this.client = client;
        this.connections = client.connections();
        this.outgoing = outgoing;
        this.to = to;
        this.asked = asked;
        this.begun = begun;
        this.timing = outgoing.timing().call();
        this.body = new AnswerBody(client.answers().of(outgoing.account()), mostBytes);
        this.connecting = new ConnectPhase(this, client, outgoing, to, timing);
    }

    @Override
    public CompletableFuture<Answer> answer() {
        return result;
    }

    OutgoingRequest outgoing() {
        return outgoing;
    }

    Destination to() {
        return to;
    }

    /** The most bytes of the response body. */
    int mostBytes() {
        return body.mostBytes();
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
            connecting.begin();
        });
    }

    /** Whether it has no connection yet. */
    boolean isConnecting() {
        return stage == Stage.CONNECT;
    }

    /** The request no longer counts against the limit of {@link EgressClient#beginInTurn}. */
    void notifyBegun() {
        Runnable first = begun;
        begun = () -> {};
        first.run();
    }

    /** Ends the call at any stage. */
    void abort(Throwable failure) {
        guarded(() -> fail(failure));
    }

    /** A wait that is not the receiver's time. */
    void extendDeadline(long waited) {
        waitedNanos += waited;
        endsAt += waited;
        timer.cancel(false);
        timer = connections.setTimer(endsAt - System.nanoTime(), () -> guarded(this::onDeadline));
    }

    void send(EgressConnection opened) {
        connection = opened;
        isReused = opened.isUsed();
        stage = Stage.ANSWER;
        timing.connected(!isReused, opened.tls() == null ? 0 : opened.tls().nanos());
        if (asked != null) {
            asked.run();
        }
        FullHttpRequest request = WireRequest.of(outgoing, client.userAgent());
        notifyBegun();
        opened.send(request, this);
    }

    /** The connection failed. */
    void failed(Throwable failure) {
        guarded(() -> {
            if (stage == Stage.BODY) {
                complete(failure instanceof PeerLimitException ? Answer.CUT : RESET);
            } else {
                fail(unanswered(NoResponseException.of(failure)));
            }
        });
    }

    void head(HttpResponse head) {
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

    void part(ByteBuf part) {
        guarded(() -> {
            String cut = body.add(part);
            if (!cut.isEmpty()) {
                complete(cut);
            }
        });
    }

    /** The response is complete. */
    void end() {
        guarded(() -> complete(""));
    }

    /** @param bytes of an incomplete part of the response */
    void buffered(int bytes) {
        guarded(() -> {
            if (stage == Stage.ANSWER && !body.reserve(bytes)) {
                // an internal shortage, whether or not the receiver processed the request
                fail(new NothingSentException(
                        "this installation had no memory left for the answer",
                        client.now().plus(RETRY)));
            }
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

    private void onDeadline() {
        switch (stage) {
            case CONNECT -> fail(connecting.notInTime());
            case BODY -> complete(Answer.LATE);
            default -> fail(new NoResponseException(Reason.RESPONSE_TIMEOUT));
        }
    }

    /** @param note why the body is incomplete; the connection is then closed. Empty: it is complete */
    private void complete(String note) {
        if (stage != Stage.BODY) {
            return;
        }
        timing.end();
        finish();
        if (note.isEmpty()) {
            connecting.release();
        } else {
            drop();
        }
        if (connecting.isByProxy()) {
            client.succeeded();
        }
        result.complete(body.answer(response, note));
    }

    void fail(Throwable failure) {
        if (stage == Stage.ENDED) {
            // has an effect only if the end itself failed
            result.completeExceptionally(new IllegalStateException(failure));
            return;
        }
        if (failure instanceof UnknownHostException) {
            timing.notResolved();
        } else if (stage == Stage.CONNECT) {
            timing.notConnected(connecting.handshakeNanos());
        } else {
            timing.end();
        }
        finish();
        drop();
        result.completeExceptionally(client.failure(failure, this));
    }

    private void finish() {
        stage = Stage.ENDED;
        notifyBegun();
        body.release();
        if (timer != null) {
            timer.cancel(false);
        }
        client.ended(this);
    }

    /** Closes the connection. One that is being opened is kept once open. */
    private void drop() {
        if (connection != null) {
            connection.close();
            connecting.release();
        } else {
            connecting.abandon();
        }
    }

    /** Fails the call with any exception of the code. */
    void guarded(Throwing code) {
        try {
            code.run();
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            fail(e);
        }
    }

    @FunctionalInterface
    interface Throwing {
        void run() throws Exception;
    }
}
