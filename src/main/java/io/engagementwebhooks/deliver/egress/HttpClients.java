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
 * Vert.x's HTTP clients on a separate event loop: for each identity that TLS is spoken with as many as its busiest host needs, of {@value #PER_CLIENT}
 * connections to a host each. Connections are kept for
 * {@value #KEPT_SECONDS} s; what would be done to a request by itself (redirects, retries, cookies, decoding) Vert.x does not do.
 *
 * <p>All methods but {@link #run}, {@link #close} and the counts are for the event loop.
 */
final class HttpClients implements AutoCloseable {

    static final int KEPT_SECONDS = 30;

    /** Per address, so that a name's second address gets its turn within the deadline. */
    static final int CONNECT_MS = 5_000;

    /** The deadline of a call does not end a handshake that hangs, so that this does. */
    static final int HANDSHAKE_SECONDS = 10;

    /** Connections that are kept open for a next request, to all hosts. */
    private static final int MOST_IDLE = 1_024;

    /** Of a host by one client: Vert.x looks through the connections that a client has to a host for each request. */
    private static final int PER_CLIENT = 32;

    private static final long SWEEP_MS = 10_000;

    /** Vert.x's name for what reads and writes HTTP. */
    private static final String CODEC = "codec";

    /** Of a channel that has carried a request before. */
    private static final AttributeKey<Boolean> USED = AttributeKey.valueOf("webhooks.egress.used");

    private final Vertx vertx;
    private final Context loop;
    private final Function<Tls, SSLContext> contexts;
    private final Map<Tls, OfIdentity> clients = new HashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger inUse = new AtomicInteger();

    /**
     * @param contexts what TLS is spoken by with an identity
     */
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

    /** @return what {@link #cancelTimer} takes */
    long setTimer(long nanos, Runnable task) {
        return vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999)), id -> task.run());
    }

    void cancelTimer(long timer) {
        vertx.cancelTimer(timer);
    }

    /** A hold on a connection, to be released. @param options where to; without a server its host is for a proxy to find */
    Hold hold(Tls tls, RequestOptions options) {
        return clients.computeIfAbsent(tls, OfIdentity::new)
                .host(new Target(options.isSsl(), options.getServer(), options.getHost(), options.getPort()))
                .hold();
    }

    private static Channel channel(HttpClientRequest request) {
        return ((ConnectionBase) request.connection()).channel();
    }

    static AnswerCodec codec(HttpClientRequest request) {
        return channel(request).pipeline().get(AnswerCodec.class);
    }

    /** Of the TLS of a connection, or null. */
    static TlsHandshakes.Noted tls(HttpClientRequest request) {
        return channel(request).pipeline().get(TlsHandshakes.Noted.class);
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
        clients.values().removeIf(identity -> identity.closeUnlessUsed(now));
        clients.values().forEach(OfIdentity::forgetPeaks);
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
        // the answer fails too
        connection.exceptionHandler(failure -> {});
    }

    /** The clients of one identity. */
    private final class OfIdentity {

        private final SSLContext context;
        private final Map<Target, Host> hosts = new HashMap<>();
        private final List<Client> made = new ArrayList<>();
        private long usedAt = System.nanoTime();

        OfIdentity(Tls tls) {
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

        void forgetPeaks() {
            hosts.values().forEach(Host::forgetPeak);
        }

        boolean closeUnlessUsed(long now) {
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

        private final OfIdentity identity;
        private final Target target;
        private final Set<HttpConnection> idle = new LinkedHashSet<>();

        /** By the number of the client. */
        private final List<Integer> heldOfClients = new ArrayList<>();

        /** As many as these wait for a connection, by the number of the client. */
        private final List<Integer> connecting = new ArrayList<>();

        /** Clients that can hold no more. */
        private final BitSet full = new BitSet();

        private int held;

        /** The most that were held at once since the last sweep, and between that and the one before. */
        private int peak;

        private int peakBefore;

        Host(OfIdentity identity, Target target) {
            this.identity = identity;
            this.target = target;
        }

        Hold hold() {
            held++;
            peak = Math.max(peak, held);
            inUse.incrementAndGet();
            // the first that has room, which has a connection that is free if it was full before
            int client = full.nextClearBit(0);
            if (client == heldOfClients.size()) {
                heldOfClients.add(0);
                connecting.add(0);
            }
            count(client, 1);
            return new Hold(this, client);
        }

        void release(int client) {
            held--;
            inUse.decrementAndGet();
            count(client, -1);
        }

        private void count(int client, int change) {
            int now = heldOfClients.get(client) + change;
            heldOfClients.set(client, now);
            full.set(client, now == PER_CLIENT);
        }

        /** No more are kept than were in use at once lately, a few in any case: servers have limits too. */
        void keep(HttpConnection connection) {
            idle.add(connection);
            if (idle() > MOST_IDLE || idle.size() + held > Math.max(PER_CLIENT, Math.max(peak, peakBefore))) {
                closeOldest();
            }
        }

        void forgetPeak() {
            peakBefore = peak;
            peak = held;
        }

        private void closeOldest() {
            HttpConnection oldest = idle.iterator().next();
            idle.remove(oldest);
            oldest.close();
        }

        void closed(HttpConnection connection) {
            open.decrementAndGet();
            idle.remove(connection);
            forgetUnlessUsed();
        }

        void forgetUnlessUsed() {
            if (held == 0 && idle.isEmpty()) {
                identity.forget(this);
            }
        }
    }

    /** A connection that is in use, or about to be. */
    final class Hold {

        private final Host host;
        private final int client;
        private boolean released;

        private Hold(Host host, int client) {
            this.host = host;
            this.client = client;
        }

        /** Gets a connection that is free, or opens one. @param options those that this was asked for with */
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
         * How long the TLS handshake takes without which there is no connection.
         *
         * @param since when the connection was asked for, by {@link System#nanoTime}
         * @return 0: there may be none, since not all that wait for a connection wait for a handshake
         */
        long handshakeNanos(long since) {
            Target to = host.target;
            List<TlsHandshakes.Noted> running = host
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
                            .mapToLong(TlsHandshakes.Noted::nanos)
                            .min()
                            .orElse(0);
        }

        /** There is one. @return whether it was opened for this request */
        boolean isFirst(HttpClientRequest request) {
            HttpConnection connection = request.connection();
            codec(request).ofMany(host.held + host.idle.size() > PER_CLIENT);
            boolean isFirst = channel(request).attr(USED).getAndSet(true) == null;
            if (isFirst) {
                connection.closeHandler(closed -> host.closed(connection));
            } else {
                host.idle.remove(connection);
            }
            return isFirst;
        }

        /** Releases the connection, once. Closes an unusable or surplus one. @param request may be null */
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
            host.forgetUnlessUsed();
        }
    }
}
