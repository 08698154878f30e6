package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressProxy;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.SalesforceHttpClient;
import org.apache.camel.component.salesforce.internal.client.SalesforceSecurityHandler;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.ProxyAuthenticationProtocolHandler;
import org.eclipse.jetty.client.RedirectProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * The HTTP client of one org: checked addresses, no redirects, no cookies, no hidden second request but the one after
 * a renewed login.
 */
@SuppressWarnings("try") // HttpClient.close() may be interrupted, says the compiler; it is Jetty's
final class OrgClient extends SalesforceHttpClient {

    private static final int THREADS = 16;
    private static final int CONNECTIONS = 64;

    private final OrgSession session;
    private final OrgUsage usage;
    private final InFlightCalls calls;
    private final ConnectTimings openings = new ConnectTimings();
    private OrgProxy proxy;

    OrgClient(
            CamelContext context,
            String name,
            ExecutorService workers,
            OrgSession session,
            OrgUsage usage,
            InFlightCalls calls,
            CheckedAddresses addresses) {
        super(context, workers, tls());
        this.session = session;
        this.usage = usage;
        this.calls = calls;
        setName(name);
        setFollowRedirects(false);
        setHttpCookieStore(new HttpCookieStore.Empty());
        setMaxConnectionsPerDestination(CONNECTIONS);
        useFewThreads(name);
        setSocketAddressResolver(openings.measured(addresses));
        getRequestListeners().addBeginListener(this::goesBy);
    }

    /**
     * Sends everything through a proxy, which resolves names. Before the start.
     *
     * @param addresses finds the proxy, which is the operator's and not judged
     */
    void goThrough(EgressProxy through, CheckedAddresses addresses) {
        proxy = new OrgProxy(through);
        proxy.lead(this, addresses);
    }

    /** Java's own, which all orgs share: each would read the list of authorities again, and keep it. */
    private static SslContextFactory.Client tls() {
        SslContextFactory.Client tls = new SslContextFactory.Client();
        try {
            tls.setSslContext(SSLContext.getDefault());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Java's list of authorities cannot be read", e);
        }
        return tls;
    }

    @Override
    public void newConnection(Destination destination, Promise<Connection> promise) {
        openings.open(
                destination.getOrigin(),
                proxy == null ? promise : proxy.marking(promise),
                opened -> super.newConnection(destination, opened));
    }

    /** There is a client per org: Jetty's own numbers are meant for one client per process. */
    private void useFewThreads(String name) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName(name);
        threads.setDaemon(true);
        setExecutor(threads);
        setScheduler(new ScheduledExecutorScheduler(name + "-timer", true));
        ((HttpClientTransportOverHTTP) getHttpClientTransport())
                .getClientConnector()
                .setSelectors(1);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        getProtocolHandlers().remove(new SalesforceSecurityHandler(this).getName());
        getProtocolHandlers().remove(RedirectProtocolHandler.NAME);
        getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
        getProtocolHandlers().remove(ProxyAuthenticationProtocolHandler.NAME);
        getProtocolHandlers().put(new ExpiredSession(session));
    }

    @Override
    public OrgRequest newHttpRequest(HttpConversation conversation, URI url) {
        return new OrgRequest(this, conversation, url, session, usage, calls);
    }

    /** A connection opened by a login belongs to no other request. */
    private void goesBy(Request request) {
        Optional<ConnectTiming> opening = openings.first(request.getConnection());
        if (request instanceof OrgRequest ofCall) {
            ofCall.goesBy(opening);
        }
    }

    /** How its connections are opened. */
    ConnectTimings openings() {
        return openings;
    }
}
