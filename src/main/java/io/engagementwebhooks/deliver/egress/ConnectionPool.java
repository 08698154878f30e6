package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.egress.ConnectionOpener.Target;
import io.engagementwebhooks.webhook.auth.Tls;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * The connections to receivers, on one event loop. A connection serves one account and TLS identity. Idle ones are kept
 * for {@value #KEPT_SECONDS} to 40 s.
 *
 * <p>All methods except {@link #run}, {@link #close} and the counts are for the event loop.
 */
final class ConnectionPool implements AutoCloseable {

    private static final int KEPT_SECONDS = 30;
    private static final long SWEEP_SECONDS = 10;

    /** The most idle connections to all hosts. */
    private static final int MOST_IDLE = 1_024;

    /** As many connections to a host are few. */
    private static final int FEW = 32;

    /**
     * With more than a few connections to a host, how long one is not reused after a response, since servers close
     * surplus connections without notice.
     */
    private static final long SETTLE_MS = 5;

    /**
     * The most connections to a host that an account may be opening; open ones have no limit. Further requests wait for
     * one of them or for a released one: otherwise a burst opens one for each request, and a TLS handshake takes
     * milliseconds.
     */
    static final int MOST_OPENING = 128;

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final ConnectionOpener opener;
    private final Map<Target, Host> hosts = new HashMap<>();
    private final IdleConnections idle = new IdleConnections(MOST_IDLE);
    private final AtomicInteger inUse = new AtomicInteger();

    /**
     * @param contexts the TLS context of an identity
     * @param handshakeTasks runs the computations of an account's TLS handshakes
     */
    ConnectionPool(Function<Tls, SSLContext> contexts, BiConsumer<String, Runnable> handshakeTasks) {
        ThreadFactory threads = new DefaultThreadFactory("egress-http", true);
        group = Epoll.isAvailable() ? new EpollEventLoopGroup(1, threads) : new NioEventLoopGroup(1, threads);
        loop = group.next();
        opener = new ConnectionOpener(loop, contexts, handshakeTasks);
        loop.scheduleAtFixedRate(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    /** Runs a task on the event loop. @throws java.util.concurrent.RejectedExecutionException if this is closed */
    void run(Runnable task) {
        loop.execute(task);
    }

    Future<?> setTimer(long nanos, Runnable task) {
        return loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Checks out a connection, to be released: a free one, a new one, or the next of either.
     *
     * @param begun called when it no longer waits, perhaps at once
     * @param handler gets the connection, or why it failed
     */
    Checkout checkOut(Target target, Runnable begun, BiConsumer<EgressConnection, Throwable> handler) {
        return new Checkout(hosts.computeIfAbsent(target, Host::new), begun, handler);
    }

    int inUse() {
        return inUse.get();
    }

    int idle() {
        return idle.size();
    }

    private void sweep() {
        hosts.values().forEach(Host::sweep);
        hosts.values().removeIf(Host::isUnused);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** The connections of an account to one address of a host. */
    private final class Host {

        private final Target target;

        /** Null: plain http. */
        private final SslContext tls;

        /** The idle ones, the one that was used longest ago first. */
        private final Deque<EgressConnection> free = new ArrayDeque<>();

        private final Queue<Checkout> waiting = new ArrayDeque<>();

        /** The number of connections, with those that are being opened. */
        private int connections;

        /** The number of connections that a call waits to be opened. */
        private int opening;

        private int used;

        /** The most connections in use at once since the last sweep; below, between the two sweeps before. */
        private int peak;

        private int peakBefore;

        Host(Target target) {
            this.target = target;
            tls = opener.tls(target);
        }

        /** Starts waiting checkouts while there are connections for them. */
        void startWaiting() {
            while (!waiting.isEmpty() && (!free.isEmpty() || opening < MOST_OPENING)) {
                waiting.remove().start();
            }
        }

        void startWaitingSoon() {
            if (!waiting.isEmpty()) {
                loop.execute(this::startWaiting);
            }
        }

        EgressConnection open() {
            EgressConnection made = opener.open(target, tls);
            connections++;
            made.opened().addListener(done -> {
                if (done.isSuccess()) {
                    made.closed().addListener(closed -> {
                        connections--;
                        remove(made);
                    });
                } else {
                    connections--;
                }
            });
            return made;
        }

        /**
         * Keeps a connection idle. At most as many are kept as were in use at once lately, and at least a few: servers
         * have limits too.
         */
        void keep(EgressConnection connection) {
            if (!connection.isReusable()) {
                connection.close();
                return;
            }
            connection.beginIdle();
            free.add(connection);
            idle.add(target.account(), connection).ifPresent(EgressConnection::close);
            if (free.size() + used > Math.max(FEW, Math.max(peak, peakBefore))) {
                closeOldest();
            }
            startWaitingSoon();
        }

        /** The idle connection that was used last and can still be used; null if there is none. */
        private EgressConnection takeIdle() {
            while (!free.isEmpty()) {
                EgressConnection last = free.getLast();
                remove(last);
                if (last.isReusable()) {
                    return last;
                }
                last.close();
            }
            return null;
        }

        private void closeOldest() {
            EgressConnection oldest = free.getFirst();
            remove(oldest);
            oldest.close();
        }

        private void remove(EgressConnection connection) {
            free.removeLastOccurrence(connection);
            idle.remove(target.account(), connection);
        }

        void sweep() {
            peakBefore = peak;
            peak = used;
            while (!free.isEmpty() && free.peek().idleNanos() > TimeUnit.SECONDS.toNanos(KEPT_SECONDS)) {
                closeOldest();
            }
        }

        boolean isUnused() {
            return connections == 0 && waiting.isEmpty();
        }
    }

    /** A connection in use, being opened, or waited for. */
    final class Checkout {

        private final Host host;
        private final Runnable begun;
        private final BiConsumer<EgressConnection, Throwable> handler;

        /** Null: waits for other connections. */
        private EgressConnection connection;

        private boolean isOpening;
        private boolean isReleased;

        private Checkout(Host host, Runnable begun, BiConsumer<EgressConnection, Throwable> handler) {
            this.host = host;
            this.begun = begun;
            this.handler = handler;
        }

        void begin() {
            host.waiting.add(this);
            host.startWaiting();
        }

        private void start() {
            host.used++;
            host.peak = Math.max(host.peak, host.used);
            inUse.incrementAndGet();
            begun.run();
            connection = host.takeIdle();
            if (connection == null) {
                isOpening = true;
                host.opening++;
                connection = host.open();
            }
            connection.opened().addListener(done -> {
                endOpening();
                handler.accept(connection, done.cause());
            });
        }

        /** Whether it waits for other connections, so that nothing was sent to the host. */
        boolean isWaiting() {
            return connection == null;
        }

        /** Whether the server, or the proxy, was reached. */
        boolean isConnected() {
            return connection.isConnected();
        }

        /** The connection's handler of TLS; null if there is none yet. */
        TlsHandshake tls() {
            return connection.tls();
        }

        /**
         * The call has ended before it got a connection. One that is being opened no longer counts against its account; a
         * tunnel is closed, since a proxy may take minutes.
         */
        void abandon() {
            if (isWaiting()) {
                release();
                return;
            }
            endOpening();
            if (host.target.proxy() != null && connection.tls() == null) {
                connection.close();
            }
        }

        private void endOpening() {
            if (isOpening) {
                isOpening = false;
                host.opening--;
                host.startWaitingSoon();
            }
        }

        /** Keeps the connection if it can be reused, else closes it; idempotent. */
        void release() {
            if (isReleased) {
                return;
            }
            isReleased = true;
            if (isWaiting()) {
                host.waiting.remove(this);
                return;
            }
            host.used--;
            inUse.decrementAndGet();
            if (host.connections > FEW) {
                loop.schedule(() -> host.keep(connection), SETTLE_MS, TimeUnit.MILLISECONDS);
            } else {
                host.keep(connection);
            }
        }
    }
}
