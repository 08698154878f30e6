package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.egress.NoResponseException.Reason;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.LocalPorts;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
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
 * The first part of a call: resolves the name, checks the addresses, and connects to the first one that can be reached,
 * or to the proxy. For the event loop only.
 */
final class ConnectPhase {

    /** A connect that takes longer no longer counts against the limit of {@link EgressClient#beginInTurn}. */
    private static final long LONGEST_TO_BEGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** A shorter wait for other connections does not extend the deadline. */
    private static final long LEAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final String THREADS_BUSY =
            "the TLS handshakes of this account waited for this installation's processors";

    private final EgressCall call;
    private final EgressClient client;
    private final OutgoingRequest outgoing;
    private final Destination to;

    /** Null: the call is direct. */
    private final EgressProxy proxy;

    private final Timing.Call timing;
    private final Queue<InetAddress> addresses = new ArrayDeque<>();

    /** The address that is being connected to; null: it is not resolved yet. */
    private InetAddress address;

    private ConnectionPool.Checkout checkout;

    /** Why an address could not be reached, if there are more. */
    private Throwable unreached;

    ConnectPhase(EgressCall call, EgressClient client, OutgoingRequest outgoing, Destination to, Timing.Call timing) {
        this.call = call;
        this.client = client;
        this.outgoing = outgoing;
        this.to = to;
        this.proxy = to.plain() || to.inbox() ? null : client.rules().proxy().orElse(null);
        this.timing = timing;
    }

    boolean isByProxy() {
        return proxy != null;
    }

    void begin() throws Exception {
        if (client.rules().proxy().isPresent()) {
            client.rules().check(to);
        }
        if (proxy == null) {
            resolve(outgoing.account(), to.host(), to.literal());
        } else {
            client.checkProxyBackoff();
            resolve(OutgoingRequest.OPERATOR, proxy.host(), LiteralAddress.of(proxy.host()));
        }
    }

    private void resolve(String account, String host, Optional<InetAddress> literal) throws Exception {
        if (literal.isPresent()) {
            connect(List.of(literal.get()));
            return;
        }
        timing.begin(Timing.Part.DNS);
        CompletableFuture<List<InetAddress>> found = client.names().resolve(account, host);
        if (found.isDone()) {
            resolved(found, host);
        } else {
            call.notifyBegun();
            found.whenComplete(
                    (known, failure) -> client.connections().run(() -> call.guarded(() -> resolved(found, host))));
        }
    }

    private void resolved(CompletableFuture<List<InetAddress>> found, String host) throws Exception {
        if (!call.isConnecting()) {
            return;
        }
        List<InetAddress> known;
        try {
            known = found.join();
        } catch (CompletionException e) {
            call.fail(unresolved(host, e.getCause()));
            return;
        }
        connect(known);
    }

    /** A new exception, with this caller's stack trace. */
    private Throwable unresolved(String host, Throwable cause) {
        if (proxy != null) {
            return ProxyFailedException.of(new UnknownHostException(host));
        }
        return cause instanceof NothingSentException ? cause : new UnknownHostException(host);
    }

    private void connect(List<InetAddress> found) throws Exception {
        if (proxy == null) {
            addresses.addAll(to.inbox() ? found : client.rules().allowed(to.plain(), to.host(), to.port(), found));
        } else {
            addresses.add(found.get(0));
        }
        connectToNext();
    }

    /** Connects to the checked address, so that a second DNS response cannot redirect the call. */
    private void connectToNext() throws Exception {
        address = InetAddress.getByAddress(addresses.remove().getAddress());
        InetSocketAddress socket = new InetSocketAddress(address, proxy == null ? to.port() : proxy.port());
        timing.end();
        long since = System.nanoTime();
        checkout = client.connections()
                .checkOut(
                        new ConnectionOpener.Target(outgoing.account(), outgoing.tls(), to, socket, proxy),
                        () -> beginToConnect(since),
                        (opened, failure) -> call.guarded(() -> connected(opened, failure)));
        checkout.begin();
        if (call.isConnecting()) {
            client.connections().setTimer(LONGEST_TO_BEGIN_NANOS, call::notifyBegun);
        }
    }

    /** The wait for other connections is not the receiver's time. */
    private void beginToConnect(long waitingSince) {
        timing.begin(Timing.Part.CONNECT);
        long waited = System.nanoTime() - waitingSince;
        if (waited >= LEAST_WAIT_NANOS) {
            call.extendDeadline(waited);
        }
    }

    private void connected(EgressConnection opened, Throwable failure) throws Exception {
        if (failure != null || !call.isConnecting()) {
            checkout.release();
        }
        if (call.isConnecting() && failure == null) {
            call.send(opened);
        } else if (call.isConnecting()) {
            tryNext(failure);
        }
    }

    /** After a socket error nothing was opened, and another address may be reached. */
    private void tryNext(Throwable failure) throws Exception {
        Throwable why = notConnected(failure);
        if (!(failure instanceof SocketException)) {
            call.fail(why);
            return;
        }
        unreached = unreached == null || isNoRoute(unreached) ? why : unreached;
        if (addresses.isEmpty()) {
            call.fail(unreached);
        } else {
            connectToNext();
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
        if (proxy != null) {
            return ProxyFailedException.of(cause);
        }
        return LocalPorts.isNoneLeft(cause) && address instanceof Inet6Address
                // usually the machine has no IPv6 address
                ? new NoResponseException(Reason.NO_ROUTE)
                : NoResponseException.of(cause);
    }

    /** The failure at the deadline: not the receiver's if we lack something, or the proxy was not reached. */
    Exception notInTime() {
        if (address == null) {
            return NameResolver.notInTime(to.host(), client.now());
        }
        if (checkout.isWaiting()) {
            return notSent(ConnectionPool.MOST_OPENING + " connections to " + to.host()
                    + " were being opened and none became free");
        }
        if (checkout.tls() != null && checkout.tls().isComputing()) {
            return notSent(THREADS_BUSY);
        }
        if (proxy != null && !checkout.isConnected()) {
            return ProxyFailedException.notInTime();
        }
        return new NoResponseException(handshakeNanos() > 0 ? Reason.HANDSHAKE_TIMEOUT : Reason.CONNECT_TIMEOUT);
    }

    private NothingSentException notSent(String reason) {
        return new NothingSentException("Not sent: " + reason, client.now().plus(RETRY));
    }

    /** The duration of the TLS handshake so far. */
    long handshakeNanos() {
        return checkout == null || checkout.isWaiting() || checkout.tls() == null
                ? 0
                : checkout.tls().nanos();
    }

    /** The call needs its connection no longer. */
    void release() {
        checkout.release();
    }

    /** The call ended before it got a connection. */
    void abandon() {
        if (checkout != null) {
            checkout.abandon();
        }
    }
}
