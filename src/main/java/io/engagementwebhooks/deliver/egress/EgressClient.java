package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.ReceiverNames;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.webhook.Tls;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way out: everything that calls a customer's HTTP endpoint, receivers and token endpoints, goes through this
 * client and so through the egress rules. One call is one request: no redirects, no retries, no cookies. The deadline
 * holds from resolving the name to the last header; what is left of it goes to the body, of which a bounded part is read.
 *
 * <p>Thread-safe. It lives as long as the process; {@link #close()} ends its threads and connections.
 */
public final class EgressClient implements ReceiverNames, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EgressClient.class);

    /** How long a proxy that fails is left alone. */
    private static final Duration FIRST = Duration.ofSeconds(5);

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final String STOPPED = "this installation was stopped before the answer came";

    private static final int MOST_DESTINATIONS = 10_000;

    private static final CompletableFuture<Void> READY = CompletableFuture.completedFuture(null);

    private final Map<URI, Destination> destinations = new ConcurrentHashMap<>();
    private final NameResolver names;
    private final Deadlines deadlines;
    private final Clock clock;
    private final Optional<EgressProxy> proxy;
    private final Backoff proxyBackoff = new Backoff();
    private final PoolingHttpClientConnectionManager connections;
    private final CloseableHttpClient http;
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
        this.names = names;
        this.deadlines = new Deadlines(clock);
        this.clock = clock;
        this.proxy = rules.proxy();
        ClientSettings settings = new ClientSettings("engagement-webhooks/" + version, trust);
        this.connections = settings.connections(new GuardedNames(rules, names), proxy);
        this.http = settings.client(connections);
    }

    /**
     * Sends exactly this request, once.
     *
     * @return the answer, whatever its status
     * @throws EgressRefusedException if a rule forbids it; nothing was sent
     * @throws NothingSentException if the proxy failed us or the host name could not be looked up, so that nothing reached
     *     the receiver, or this client is closed before it ends: its outcome is unknown, and not the receiver's fault
     * @throws NoAnswerInTimeException if the deadline passed first
     * @throws IOException if no complete status line and headers came
     */
    public Answer send(OutgoingRequest outgoing) throws IOException {
        return send(outgoing, null);
    }

    /** @param asked right before the first byte; throws {@link NothingSentException} where nothing may be sent. Null: nobody */
    Answer send(OutgoingRequest outgoing, Runnable asked) throws IOException {
        Destination to = destination(outgoing.url());
        HttpUriRequestBase request = request(outgoing);
        try (Deadlines.Watch watch = watch(outgoing, request)) {
            Timing.Call timing = outgoing.timing().call();
            HttpClientContext context = HttpClientContext.create();
            GuardedConnections.measure(context, timing);
            context.setAttribute(LastQuestion.ASKED, asked);
            context.setAttribute(GuardedConnections.ACCOUNT, outgoing.account());
            ClassicHttpResponse response = execute(to, request, outgoing.tls(), watch, context);
            timing.begin(Timing.Part.BODY);
            try {
                return read(response, request, watch);
            } finally {
                timing.end();
            }
        }
    }

    private Deadlines.Watch watch(OutgoingRequest outgoing, HttpUriRequestBase request) {
        try {
            return deadlines.watch(outgoing.deadline(), request::cancel);
        } catch (IllegalStateException e) {
            if (closed) {
                throw new NothingSentException(STOPPED, clock.instant());
            }
            throw e;
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
            return proxy.isPresent() || to.literal().isPresent()
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
        return new AsyncCalls((request, context) -> {
            context.setAttribute(
                    GuardedConnections.ACCOUNT,
                    context.getAttribute(account) instanceof String known ? known : OutgoingRequest.OPERATOR);
            context.setAttribute(LastQuestion.ASKED, context.getAttribute(asked));
            if (context.getAttribute(timing) instanceof Timing whole) {
                GuardedConnections.measure(context, whole.call());
            }
            context.setRequestConfig(RequestConfig.copy(context.getRequestConfigOrDefault())
                    .setRedirectsEnabled(false)
                    .setAuthenticationEnabled(false)
                    .setProtocolUpgradeEnabled(false)
                    .setConnectionKeepAlive(ClientSettings.KEPT_ALIVE)
                    .build());
            return execute(Destination.of(uri(request)), request, Tls.DEFAULT, null, context);
        });
    }

    /** Connections to receivers and token endpoints that are in use. */
    public int connectionsInUse() {
        return connections.getTotalStats().getLeased();
    }

    /** Connections that are kept open for a next request. */
    public int connectionsIdle() {
        return connections.getTotalStats().getAvailable();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        http.close();
        deadlines.close();
    }

    private static HttpUriRequestBase request(OutgoingRequest outgoing) {
        HttpUriRequestBase request = new HttpUriRequestBase(outgoing.method(), outgoing.url());
        outgoing.headers().forEach(request::addHeader);
        request.setEntity(new ByteArrayEntity(outgoing.body(), null));
        return request;
    }

    /** @param watch null: whoever called ends the call */
    private ClassicHttpResponse execute(
            Destination to, HttpUriRequestBase request, Tls tls, Deadlines.Watch watch, HttpClientContext context)
            throws IOException {
        // the timer may be late on a busy machine
        if (watch != null && watch.passed()) {
            throw new NoAnswerInTimeException();
        }
        failWhileProxyFails();
        context.setAttribute(GuardedConnections.WATCH, watch);
        context.setAttribute(GuardedConnections.TLS, tls);
        // never null: a call with a state would be given a connection without one
        context.setUserToken(tls.identity());
        Tls.wasAskedForCertificate();
        Timing.Call timing = GuardedConnections.timing(context);
        timing.begin(Timing.Part.WAIT);
        try {
            ClassicHttpResponse response = http.executeOpen(to.httpHost(), request, context);
            proxyBackoff.succeeded();
            return response;
        } catch (EgressRefusedException | NothingSentException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            if (closed) {
                throw new NothingSentException(STOPPED, clock.instant());
            }
            if (FileDescriptors.OF_PROCESS.ranOut("calling " + to.httpHost().getHostName(), e)) {
                throw NothingSentException.outOfDescriptors(clock.instant());
            }
            boolean isLate = watch != null && watch.passed();
            if (isLate && !(e instanceof ProxyFailedException proxy && !proxy.wasAsked())) {
                throw new NoAnswerInTimeException();
            }
            if (e instanceof ProxyFailedException proxy && !proxy.isOfReceiver()) {
                throw notSent(proxy);
            }
            // a server tells what it makes of our certificate late, and its alert may be lost when it closes
            boolean asked = Tls.wasAskedForCertificate();
            if (e instanceof SSLException || (asked && isBroken(e))) {
                throw new TlsFailedException(tls, asked, (IOException) e);
            }
            throw e;
        } finally {
            timing.end();
        }
    }

    private static URI uri(HttpUriRequestBase request) throws EgressRefusedException {
        try {
            return request.getUri();
        } catch (URISyntaxException e) {
            throw new EgressRefusedException("the URL cannot be read");
        }
    }

    private void failWhileProxyFails() {
        proxyBackoff.pause(clock.instant()).ifPresent(pause -> {
            throw new NothingSentException(pause.reason(), pause.until());
        });
    }

    /** Nothing reached the receiver, and it is not its fault. */
    private NothingSentException notSent(ProxyFailedException failure) {
        Instant now = clock.instant();
        LOG.warn("egress.proxy-failed {}: {}", proxy.map(EgressProxy::toString).orElse(""), failure.getMessage());
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
        return e instanceof SocketException
                || e instanceof NoHttpResponseException
                || e instanceof ConnectionClosedException;
    }

    private static Answer read(ClassicHttpResponse response, HttpUriRequestBase request, Deadlines.Watch watch) {
        BodyReading body = body(response.getEntity());
        if (!body.complete()) {
            // drops the connection; closing the response would read an endless body to its end
            request.cancel();
            body = watch.passed() ? new BodyReading(body.bytes(), "answer's body was late", false) : body;
        }
        BodyReading decoded = body.decoded(coding(response));
        return new Answer(response.getCode(), AnswerHeaders.of(response.getHeaders()), decoded.bytes(), decoded.note());
    }

    private static BodyReading body(HttpEntity entity) {
        if (entity == null) {
            return BodyReading.EMPTY;
        }
        try {
            return BodyReading.of(entity.getContent(), entity.getContentLength());
        } catch (IOException e) {
            return new BodyReading(new byte[0], "answer's body could not be read", false);
        }
    }

    private static String coding(ClassicHttpResponse response) {
        Header header = response.getFirstHeader(HttpHeaders.CONTENT_ENCODING);
        return header == null || header.getValue() == null
                ? ""
                : header.getValue().toLowerCase(Locale.ROOT);
    }
}
