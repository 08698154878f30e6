package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.webhook.Tls;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.tracing.TracingPolicy;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * Vert.x's HTTP clients on a separate event loop. Each TLS identity has as many clients as its busiest host needs, with
 * {@value #PER_CLIENT} connections to a host each. Idle connections are kept for {@value #KEPT_SECONDS} s. Nothing is
 * automatic: no redirects, retries, cookies or decoding.
 *
 * <p>All methods except {@link #run}, {@link #close} and the counts are for the event loop.
 */
final class HttpClients implements AutoCloseable {

    static final int KEPT_SECONDS = 30;

    /** Per address, so that a second address can be tried within the deadline. */
    static final int CONNECT_MS = 5_000;

    /** Ends hanging handshakes, which a call's deadline does not. */
    static final int HANDSHAKE_SECONDS = 10;

    /** The most idle connections to all hosts. */
    private static final int MOST_IDLE = 1_024;

    /** The most connections of one client to a host. Vert.x searches them linearly for each request. */
    private static final int PER_CLIENT = 32;

    private static final long SWEEP_MS = 10_000;

    /** Vert.x's name of the HTTP codec in the pipeline. */
    private static final String CODEC = "codec";

    /** Marks a channel that has carried a request. */
    private static final AttributeKey<Boolean> USED = AttributeKey.valueOf("webhooks.egress.used");

    private final Vertx vertx;
    private final Context loop;
    private final Function<Tls, SSLContext> contexts;
    private final Map<Tls, IdentityClients> clients = new HashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger inUse = new AtomicInteger();

    /** @param contexts the TLS context of an identity */
    HttpClients(Function<Tls, SSLContext> contexts) {
        this.contexts = contexts;
        vertx = Vertx.vertx(new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        loop = vertx.getOrCreateContext();
        vertx.setPeriodic(SWEEP_MS, id -> run(this::sweep));
    }

    /** Runs a task on the event loop. @throws java.util.concurrent.RejectedExecutionException if this is closed */
    void run(Runnable task) {
        loop.runOnContext(ignored -> task.run());
    }

    /** @return the id for {@link #cancelTimer} */
    long setTimer(long nanos, Runnable task) {
        return vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999)), id -> task.run());
    }

    void cancelTimer(long timer) {
        vertx.cancelTimer(timer);
    }

    /**
     * Checks out a connection, to be released.
     *
     * @param options the destination; without a server the proxy resolves the host
     */
    Checkout checkOut(Tls tls, RequestOptions options) {
        return clients.computeIfAbsent(tls, IdentityClients::new)
                .host(new Target(options.isSsl(), options.getServer(), options.getHost(), options.getPort()))
                .checkOut();
    }

    private static Channel channel(HttpClientRequest request) {
        return ((ConnectionBase) request.connection()).channel();
    }

    static AnswerCodec codec(HttpClientRequest request) {
        return channel(request).pipeline().get(AnswerCodec.class);
    }

    /** The TLS handler of a connection, or null for plain http. */
    static TlsHandshakes.ObservedHandler tls(HttpClientRequest request) {
        return channel(request).pipeline().get(TlsHandshakes.ObservedHandler.class);
    }

    int inUse() {
        return inUse.get();
    }

    int idle() {
        return Math.max(0, open.get() - inUse.get());
    }

    /** Closes the clients of identities whose connections have all ended. */
    private void sweep() {
        long now = System.nanoTime();
        clients.values().removeIf(identity -> identity.closeIfUnused(now));
        clients.values().forEach(IdentityClients::rollPeaks);
    }

    @Override
    public void close() {
        vertx.close();
    }

    private HttpClient client(TlsHandshakes handshakes) {
        HttpClientOptions options = new HttpClientOptions()
                .setSsl(true)
                .setSslEngineOptions(handshakes)
                .setVerifyHost(true)
                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                .setConnectTimeout(CONNECT_MS)
                .setKeepAliveTimeout(KEPT_SECONDS)
                .setPipelining(false)
                .setTracingPolicy(TracingPolicy.IGNORE)
                .setTcpNoDelay(true);
        return vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions().setHttp1MaxSize(PER_CLIENT).setCleanerPeriod(1_000))
                .withConnectHandler(this::opened)
                .build();
    }

    private void opened(HttpConnection connection) {
        open.incrementAndGet();
        ((ConnectionBase) connection).channel().pipeline().replace(CODEC, CODEC, new AnswerCodec());
        connection.closeHandler(closed -> open.decrementAndGet());
        // the response fails too
        connection.exceptionHandler(failure -> {});
    }

    /** The clients of one identity. */
    private final class IdentityClients {

        private final SSLContext context;
        private final Map<Target, Host> hosts = new HashMap<>();
        private final List<Client> made = new ArrayList<>();
        private long usedAt = System.nanoTime();

        IdentityClients(Tls tls) {
            context = contexts.apply(tls);
        }

        Client client(int number) {
            while (made.size() <= number) {
                TlsHandshakes handshakes = new TlsHandshakes(context);
                made.add(new Client(HttpClients.this.client(handshakes), handshakes));
            }
            return made.get(number);
        }

        Host host(Target target) {
            usedAt = System.nanoTime();
            return hosts.computeIfAbsent(target, key -> new Host(this, key));
        }

        void forget(Host host) {
            hosts.remove(host.target);
        }

        void rollPeaks() {
            hosts.values().forEach(Host::rollPeak);
        }

        boolean closeIfUnused(long now) {
            boolean isUnused = hosts.isEmpty() && now - usedAt > TimeUnit.SECONDS.toNanos(KEPT_SECONDS + 1L);
            if (isUnused) {
                made.forEach(client -> client.http().close());
            }
            return isUnused;
        }
    }

    private record Client(HttpClient http, TlsHandshakes handshakes) {}

    private record Target(boolean isTls, SocketAddress server, String host, int port) {}

    /** The connections to one host. */
    private final class Host {

        private final IdentityClients identity;
        private final Target target;
        private final Set<HttpConnection> idle = new LinkedHashSet<>();

        /** Connections in use, by the number of the client. */
        private final List<Integer> usedOfClients = new ArrayList<>();

        /** Requests that wait for a connection, by the number of the client. */
        private final List<Integer> connecting = new ArrayList<>();

        /** Clients with the most connections in use. */
        private final BitSet full = new BitSet();

        private int used;

        /** The most connections in use at once since the last sweep; below, between the two sweeps before. */
        private int peak;

        private int peakBefore;

        Host(IdentityClients identity, Target target) {
            this.identity = identity;
            this.target = target;
        }

        Checkout checkOut() {
            used++;
            peak = Math.max(peak, used);
            inUse.incrementAndGet();
            // the first with a free connection or room for one
            int client = full.nextClearBit(0);
            if (client == usedOfClients.size()) {
                usedOfClients.add(0);
                connecting.add(0);
            }
            count(client, 1);
            return new Checkout(this, client);
        }

        void release(int client) {
            used--;
            inUse.decrementAndGet();
            count(client, -1);
        }

        private void count(int client, int change) {
            int now = usedOfClients.get(client) + change;
            usedOfClients.set(client, now);
            full.set(client, now == PER_CLIENT);
        }

        /**
         * Keeps a connection idle. At most as many are kept as were in use at once lately, and at least a few: servers
         * have limits too.
         */
        void keep(HttpConnection connection) {
            idle.add(connection);
            if (idle() > MOST_IDLE || idle.size() + used > Math.max(PER_CLIENT, Math.max(peak, peakBefore))) {
                closeOldest();
            }
        }

        void rollPeak() {
            peakBefore = peak;
            peak = used;
        }

        private void closeOldest() {
            HttpConnection oldest = idle.iterator().next();
            idle.remove(oldest);
            oldest.close();
        }

        void closed(HttpConnection connection) {
            open.decrementAndGet();
            idle.remove(connection);
            removeIfUnused();
        }

        void removeIfUnused() {
            if (used == 0 && idle.isEmpty()) {
                identity.forget(this);
            }
        }
    }

    /** A connection in use, or being opened. */
    final class Checkout {

        private final Host host;
        private final int client;
        private boolean released;

        private Checkout(Host host, int client) {
            this.host = host;
            this.client = client;
        }

        /** Takes a free connection, or opens one. @param options the same as for the checkout */
        void request(RequestOptions options, Handler<AsyncResult<HttpClientRequest>> handler) {
            count(1);
            host.identity.client(client).http().request(options).onComplete(outcome -> {
                count(-1);
                handler.handle(outcome);
            });
        }

        private void count(int change) {
            host.connecting.set(client, host.connecting.get(client) + change);
        }

        /**
         * The duration so far of the TLS handshake that the connection waits for.
         *
         * @param since the start of the connect, by {@link System#nanoTime}
         * @return 0 if some request of this client may not wait for a handshake
         */
        long handshakeNanos(long since) {
            Target to = host.target;
            List<TlsHandshakes.ObservedHandler> running = host
                    .identity
                    .client(client)
                    .handshakes()
                    .running(
                            to.host(),
                            to.port(),
                            to.server() == null ? null : to.server().hostAddress())
                    .stream()
                    .filter(handshake -> handshake.begun() - since >= 0)
                    .toList();
            return running.size() < host.connecting.get(client)
                    ? 0
                    : running.stream()
                            .mapToLong(TlsHandshakes.ObservedHandler::nanos)
                            .min()
                            .orElse(0);
        }

        /** Marks the connection as used. @return whether it was opened for this request */
        boolean markUsed(HttpClientRequest request) {
            HttpConnection connection = request.connection();
            codec(request).setBusyHost(host.used + host.idle.size() > PER_CLIENT);
            boolean markUsed = channel(request).attr(USED).getAndSet(true) == null;
            if (markUsed) {
                connection.closeHandler(closed -> host.closed(connection));
            } else {
                host.idle.remove(connection);
            }
            return markUsed;
        }

        /** Releases the connection; idempotent. Closes it if it is unusable or surplus. @param request may be null */
        void release(HttpClientRequest request) {
            if (released) {
                return;
            }
            released = true;
            host.release(client);
            if (request != null && codec(request).hasMore()) {
                request.connection().close();
            } else if (request != null && channel(request).isActive()) {
                host.keep(request.connection());
            }
            host.removeIfUnused();
        }
    }
}
