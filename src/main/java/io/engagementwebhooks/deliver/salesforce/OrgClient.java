package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.egress.EgressProxy;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.NameResolver;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.SalesforceHttpClient;
import org.apache.camel.component.salesforce.internal.client.SalesforceSecurityHandler;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.ProxyAuthenticationProtocolHandler;
import org.eclipse.jetty.client.RedirectProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;

/** The HTTP client of one org: checked addresses, no redirects, no cookies, and no second request. */
@SuppressWarnings("try") // the compiler warns that HttpClient.close() may be interrupted; it is Jetty's
final class OrgClient extends SalesforceHttpClient {

    private static final int THREADS = 8;
    private static final int THREAD_IDLE_MILLIS = 10_000;
    private static final int CONNECTIONS = 64;
    private static final int MOST_INTERIM = 8;

    /** The request attribute of the number of its interim responses. */
    private static final String INTERIM = OrgClient.class.getName() + ".interim";

    private OrgProxy proxy;

    /**
     * @param account the account that lookups count for
     * @param names resolves host names
     * @param rules the egress rules
     * @param timer for all orgs, started
     */
    OrgClient(
            CamelContext context, String name, String account, NameResolver names, EgressRules rules, Scheduler timer) {
        super(context, null, tls());
        setName(name);
        setFollowRedirects(false);
        setHttpCookieStore(new HttpCookieStore.Empty());
        setMaxConnectionsPerDestination(CONNECTIONS);
        limitThreads(name);
        setScheduler(timer);
        setSocketAddressResolver(new CheckedAddresses(account, names, rules, getExecutor()));
    }

    /** Sends everything through a proxy, which resolves names. Call before the start. */
    void useProxy(EgressProxy through, NameResolver names) {
        proxy = new OrgProxy(through);
        proxy.configure(this, new CheckedAddresses(OutgoingRequest.OPERATOR, names, null, getExecutor()));
    }

    /** Java's default TLS context, shared by all orgs: each would load the list of authorities again and keep it. */
    private static SslContextFactory.Client tls() {
        SslContextFactory.Client tls = new SslContextFactory.Client();
        try {
            tls.setSslContext(SSLContext.getDefault());
            tls.setRenegotiationAllowed(false);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Java's list of authorities cannot be read", e);
        }
        return tls;
    }

    @Override
    public void newConnection(Destination destination, Promise<Connection> promise) {
        super.newConnection(destination, proxy == null ? promise : proxy.markingFailures(promise));
    }

    /** Reduces threads: there is a client per org, and Jetty's defaults are meant for one per process. */
    private void limitThreads(String name) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1, THREAD_IDLE_MILLIS);
        threads.setName(name);
        threads.setDaemon(true);
        setExecutor(threads);
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
    }

    /** Called for each request: {@link OrgTlsConnections} make the connections by https. */
    @Override
    public Origin createOrigin(Request request, Origin.Protocol protocol) {
        boolean isTls = HttpScheme.HTTPS.is(request.getScheme());
        return super.createOrigin(isTls ? request.transport(OrgTlsConnections.TRANSPORT) : request, protocol);
    }

    /** Called at the status line of each response, interim ones included. */
    @Override
    public ProtocolHandler findProtocolHandler(Request request, Response response) {
        if (HttpStatus.isInformational(response.getStatus())) {
            int interim = (int) request.getAttributes().getOrDefault(INTERIM, 0) + 1;
            request.attribute(INTERIM, interim);
            if (interim > MOST_INTERIM) {
                response.abort(new IOException("more than " + MOST_INTERIM + " interim responses (1xx)"));
            }
        }
        return super.findProtocolHandler(request, response);
    }
}
