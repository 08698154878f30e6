package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.tls.LimitedSslHandler;
import io.engagementwebhooks.webhook.Tls;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.util.AttributeKey;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
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
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.spi.transport.Transport;
import io.vertx.core.tracing.TracingPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * Vert.x's HTTP clients on a separate event loop. Each TLS identity of an account has as many clients as its busiest
 * host needs, with {@value #PER_CLIENT} connections to a host each. Idle connections are kept for {@value #KEPT_SECONDS} s. Nothing is
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

    /**
     * The most connections to a host that an account may be opening; open ones have no limit. Further requests wait for
     * one of them or for a released one: otherwise a burst opens one for each request, and a TLS handshake takes
     * milliseconds.
     */
    static final int MOST_OPENING = 128;

    private static final long SWEEP_MS = 10_000;

    /** Vert.x's name of the HTTP codec in the pipeline. */
    private static final String CODEC = "codec";

    /** Marks a channel that has carried a request. */
    private static final AttributeKey<Boolean> USED = AttributeKey.valueOf("webhooks.egress.used");

    /** One read at a time, and a small one, since it is what an account's turn at the loop is made of. */
    private static final RecvByteBufAllocator READ_BUFFERS =
            new AdaptiveRecvByteBufAllocator(512, 2048, 8192).maxMessagesPerRead(1);

    private final Vertx vertx;
    private final Context loop;
    private final Function<Tls, SSLContext> contexts;
    private final BiConsumer<String, Runnable> handshakeTasks;
    private final Map<Owner, OwnedClients> clients = new HashMap<>();
    private final ReadScheduler reads = new ReadScheduler(System::nanoTime);
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger inUse = new AtomicInteger();

    /**
     * @param contexts the TLS context of an identity
     * @param handshakeTasks runs the computations of an account's TLS handshakes
     */
    HttpClients(Function<Tls, SSLContext> contexts, BiConsumer<String, Runnable> handshakeTasks) {
        this.contexts = contexts;
        this.handshakeTasks = handshakeTasks;
        vertx = vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        loop = vertx.getOrCreateContext();
        vertx.setPeriodic(SWEEP_MS, id -> run(this::sweep));
    }

    private Vertx vertx(VertxOptions options) {
        Transport transport = Epoll.isAvailable()
                ? new EpollTransport() {
                    @Override
                    public ChannelFactory<? extends Channel> channelFactory(boolean isDomainSocket) {
                        return gated(super.channelFactory(isDomainSocket));
                    }
                }
                : new JDKTransport() {
                    @Override
                    public ChannelFactory<? extends Channel> channelFactory(boolean isDomainSocket) {
                        return gated(super.channelFactory(isDomainSocket));
                    }
                };
        return new VertxBuilder(options).findTransport(transport).init().vertx();
    }

    /** Counts what a new connection reads to the operator until its account is known: a proxy is the operator's. */
    private ChannelFactory<Channel> gated(ChannelFactory<? extends Channel> channels) {
        return () -> {
            Channel channel = channels.newChannel();
            channel.config().setRecvByteBufAllocator(READ_BUFFERS);
            ReadGate.addTo(channel, reads.of(OutgoingRequest.OPERATOR));
            return channel;
        };
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
     * @param account the account that opens it
     * @param options the destination; without a server the proxy resolves the host
     */
    Checkout checkOut(String account, Tls tls, RequestOptions options) {
        return new Checkout(
                clients.computeIfAbsent(new Owner(account, tls), OwnedClients::new)
                        .host(Target.of(options)),
                options);
    }

    private static Channel channel(HttpClientRequest request) {
        return ((ConnectionBase) request.connection()).channel();
    }

    static ReadGate gate(HttpClientRequest request) {
        return ReadGate.of(channel(request));
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

    /** Closes the clients of owners whose connections have all ended. */
    private void sweep() {
        long now = System.nanoTime();
        clients.values().removeIf(owned -> owned.closeIfUnused(now));
        clients.values().forEach(OwnedClients::rollPeaks);
    }

    @Override
    public void close() {
        vertx.close();
    }

    private HttpClient client(TlsHandshakes handshakes, String account) {
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
                .withConnectHandler(connection -> opened(connection, account))
                .build();
    }

    private void opened(HttpConnection connection, String account) {
        open.incrementAndGet();
        Channel channel = ((ConnectionBase) connection).channel();
        ReadGate.of(channel).moveToHead(channel);
        ReadGate.of(channel).assignTo(reads.of(account));
        channel.pipeline().replace(CODEC, CODEC, new AnswerCodec());
        Optional.ofNullable(channel.pipeline().get(LimitedSslHandler.class))
                .ifPresent(tls -> tls.countPlaintext(channel.pipeline()));
        connection.closeHandler(closed -> open.decrementAndGet());
        // the response fails too
        connection.exceptionHandler(failure -> {});
    }

    /** An account and its TLS identity: connections serve no other one. */
    private record Owner(String account, Tls tls) {}

    /** The clients of one owner. */
    private final class OwnedClients {

        private final Owner owner;
        private final SSLContext context;
        private final Map<Target, Host> hosts = new HashMap<>();
        private final List<Client> made = new ArrayList<>();
        private long usedAt = System.nanoTime();

        OwnedClients(Owner owner) {
            this.owner = owner;
            context = contexts.apply(owner.tls());
        }

        Client client(int number) {
            while (made.size() <= number) {
                TlsHandshakes handshakes = new TlsHandshakes(
                        owner.tls(),
                        context,
                        reads.of(owner.account()),
                        task -> handshakeTasks.accept(owner.account(), task));
                made.add(new Client(HttpClients.this.client(handshakes, owner.account()), handshakes));
            }
            return made.get(number);
        }

        Host host(Target target) {
            usedAt = System.nanoTime();
            return hosts.computeIfAbsent(target, key -> new Host(this, key));
        }

        void forget(Host host) {
            hosts.remove(host.target, host);
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

    /** What Vert.x tells connections apart by. @param via the server's address, or the proxy's */
    private record Target(boolean isTls, SocketAddress server, String via, String host, int port) {

        static Target of(RequestOptions options) {
            ProxyOptions proxy = options.getProxyOptions();
            return new Target(
                    options.isSsl(),
                    options.getServer(),
                    proxy == null ? null : proxy.getHost(),
                    options.getHost(),
                    options.getPort());
        }
    }

    /** The connections of an owner to one host. */
    private final class Host {

        private final OwnedClients clients;
        private final Target target;

        /** Idle connections, the one that was used longest ago first. */
        private final Map<HttpConnection, Slot> idle = new LinkedHashMap<>();

        private final List<Slot> slots = new ArrayList<>();

        private final Queue<Checkout> waiting = new ArrayDeque<>();

        /** The number of connections that are being opened. */
        private int opening;

        private int used;

        /** The number of idle connections that no request is about to reuse. */
        private int reusable;

        /** The most connections in use at once since the last sweep; below, between the two sweeps before. */
        private int peak;

        private int peakBefore;

        Host(OwnedClients clients, Target target) {
            this.clients = clients;
            this.target = target;
        }

        boolean hasIdle() {
            return reusable > 0;
        }

        boolean hasConnection() {
            return hasIdle() || opening < MOST_OPENING;
        }

        /** @return one that has an idle connection, or else space for one more */
        Slot acquire() {
            used++;
            peak = Math.max(peak, used);
            inUse.incrementAndGet();
            Slot slot = freeSlot();
            slot.used++;
            return slot;
        }

        private Slot freeSlot() {
            for (Slot each : slots) {
                if (hasIdle() ? each.reusable > 0 : each.used < PER_CLIENT) {
                    return each;
                }
            }
            Slot added = new Slot(clients.client(slots.size()));
            slots.add(added);
            return added;
        }

        void release(Slot slot) {
            used--;
            inUse.decrementAndGet();
            slot.used--;
        }

        void countIdle(Slot slot, int change) {
            reusable += change;
            slot.reusable += change;
        }

        /** Starts waiting checkouts while there are connections for them. */
        void startWaiting() {
            while (!waiting.isEmpty() && hasConnection()) {
                waiting.remove().start();
            }
        }

        /** Vert.x reuses a connection only after the handler that released it. */
        void startWaitingSoon() {
            if (!waiting.isEmpty()) {
                loop.runOnContext(ignored -> startWaiting());
            }
        }

        /**
         * Keeps a connection idle. At most as many are kept as were in use at once lately, and at least a few: servers
         * have limits too.
         */
        void keep(HttpConnection connection, Slot slot) {
            idle.put(connection, slot);
            countIdle(slot, 1);
            if (idle() > MOST_IDLE || idle.size() + used > Math.max(PER_CLIENT, Math.max(peak, peakBefore))) {
                closeOldest();
            }
        }

        void reused(HttpConnection connection) {
            Slot slot = idle.remove(connection);
            if (slot != null) {
                countIdle(slot, -1);
            }
        }

        void rollPeak() {
            peakBefore = peak;
            peak = used;
        }

        private void closeOldest() {
            HttpConnection oldest = idle.keySet().iterator().next();
            reused(oldest);
            oldest.close();
        }

        void closed(HttpConnection connection) {
            open.decrementAndGet();
            reused(connection);
            removeIfUnused();
        }

        void removeIfUnused() {
            if (used == 0 && idle.isEmpty() && waiting.isEmpty()) {
                clients.forget(this);
            }
        }
    }

    /** The connections of one Vert.x client to a host. */
    private static final class Slot {

        private final Client client;
        private int used;
        private int reusable;

        /** Requests that wait for a connection. */
        private int connecting;

        Slot(Client client) {
            this.client = client;
        }
    }

    /** A connection in use, being opened, or waited for. */
    final class Checkout {

        private final Host host;
        private final RequestOptions options;
        private Runnable begun;
        private Handler<AsyncResult<HttpClientRequest>> handler;
        private Slot slot;
        private boolean isReusing;
        private boolean isClaiming;
        private boolean released;

        private Checkout(Host host, RequestOptions options) {
            this.host = host;
            this.options = options;
        }

        /**
         * Takes a free connection, opens one, or waits for either.
         *
         * @param begun called when it no longer waits, perhaps at once
         */
        void request(Runnable begun, Handler<AsyncResult<HttpClientRequest>> handler) {
            this.begun = begun;
            this.handler = handler;
            host.waiting.add(this);
            host.startWaiting();
        }

        /** Whether it waits for other connections, so that nothing was sent to the host. */
        boolean isWaiting() {
            return slot == null;
        }

        private void start() {
            isReusing = host.hasIdle();
            slot = host.acquire();
            claim(1);
            slot.connecting++;
            connect().onComplete(outcome -> {
                slot.connecting--;
                endClaim();
                handler.handle(outcome);
            });
        }

        private Future<HttpClientRequest> connect() {
            try {
                begun.run();
                return slot.client.http().request(options);
            } catch (RuntimeException e) {
                return Future.failedFuture(e);
            }
        }

        /** The call has ended before it got a connection; one that is being opened no longer counts against its account. */
        void abandon() {
            if (isWaiting()) {
                release(null);
            } else {
                endClaim();
            }
        }

        private void endClaim() {
            if (isClaiming) {
                claim(-1);
                host.startWaitingSoon();
            }
        }

        /** Counts what it waits for: an idle connection or one that is being opened. */
        private void claim(int change) {
            isClaiming = change > 0;
            if (isReusing) {
                host.countIdle(slot, -change);
            } else {
                host.opening += change;
            }
        }

        /**
         * The duration so far of the TLS handshake that the connection waits for.
         *
         * @param since the start of the connect, by {@link System#nanoTime}
         * @return 0 if some request of this client may not wait for a handshake
         */
        long handshakeNanos(long since) {
            List<TlsHandshakes.ObservedHandler> running = handshakes(since);
            return running.size() < slot.connecting
                    ? 0
                    : running.stream()
                            .mapToLong(TlsHandshakes.ObservedHandler::nanos)
                            .min()
                            .orElse(0);
        }

        /** Whether all handshakes that began since then, and that requests of this client wait for, wait for our threads. */
        boolean isComputingHandshake(long since) {
            List<TlsHandshakes.ObservedHandler> running = handshakes(since);
            return running.size() >= slot.connecting
                    && running.stream().allMatch(TlsHandshakes.ObservedHandler::isComputing);
        }

        private List<TlsHandshakes.ObservedHandler> handshakes(long since) {
            Target to = host.target;
            String server = to.server() == null ? null : to.server().hostAddress();
            return slot.client.handshakes().running(to.host(), to.port(), server).stream()
                    .filter(handshake -> handshake.begun() - since >= 0)
                    .toList();
        }

        /** Marks the connection as used. @return whether it was opened for this request */
        boolean markUsed(HttpClientRequest request) {
            HttpConnection connection = request.connection();
            codec(request).setBusyHost(host.used + host.idle.size() > PER_CLIENT);
            boolean markUsed = channel(request).attr(USED).getAndSet(true) == null;
            // a connection may have been opened for an earlier object of this host
            connection.closeHandler(closed -> host.closed(connection));
            host.reused(connection);
            return markUsed;
        }

        /** Releases the connection; idempotent. Closes it if it is unusable or surplus. @param request may be null */
        void release(HttpClientRequest request) {
            if (released) {
                return;
            }
            released = true;
            if (isWaiting()) {
                host.waiting.remove(this);
            } else {
                host.release(slot);
            }
            if (request != null && codec(request).hasMore()) {
                request.connection().close();
            } else if (request != null && channel(request).isActive()) {
                host.keep(request.connection(), slot);
                host.startWaitingSoon();
            }
            host.removeIfUnused();
        }
    }
}
