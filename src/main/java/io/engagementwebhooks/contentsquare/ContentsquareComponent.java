package io.engagementwebhooks.contentsquare;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;
import org.apache.camel.support.LRUCacheFactory;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.apache.hc.client5.http.async.HttpAsyncClient;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.io.CloseMode;

/**
 * Makes {@code contentsquare:} endpoints. They share one HTTP client, and one token wherever they use equal access.
 */
@Component("contentsquare")
public class ContentsquareComponent extends HealthCheckComponent {

    /** The most accesses with cached tokens; the least recently used one is evicted. */
    private static final int REMEMBERED_ACCESSES = 1000;

    private static final int CONNECTIONS = 256;
    private static final int MOST_HEADERS = 200;
    private static final int LONGEST_HEADER = 16 * 1024;
    private static final int CONNECTIONS_PER_HOST = 64;

    @Metadata(description = "Options that the endpoints start from.")
    private ContentsquareConfiguration configuration = new ContentsquareConfiguration();

    private Map<Sender, ContentsquareClient> clients;
    private CloseableHttpAsyncClient ownHttpClient;
    private ExecutorService answers;

    public ContentsquareComponent() {}

    public ContentsquareComponent(CamelContext context) {
        super(context);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        ContentsquareEndpoint endpoint = new ContentsquareEndpoint(uri, this, configuration.copy());
        endpoint.setOperation(operation(remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }

    private static ContentsquareOperation operation(String name) {
        return Arrays.stream(ContentsquareOperation.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("contentsquare: has no operation '" + name
                        + "' (known: " + Arrays.toString(ContentsquareOperation.values()) + ")"));
    }

    /**
     * The client of an access, the same one for equal accesses.
     *
     * @param httpClient the client to send with, or null for the component's own
     */
    synchronized ContentsquareClient client(ContentsquareAccess access, CloseableHttpAsyncClient httpClient) {
        if (clients == null) {
            throw new IllegalStateException("the contentsquare component is stopped");
        }
        Sender sender = new Sender(access, httpClient == null ? ownHttpClient() : httpClient);
        return clients.computeIfAbsent(
                sender, key -> new ContentsquareClient(key.access(), key.http(), Clock.systemUTC(), answers));
    }

    private record Sender(ContentsquareAccess access, HttpAsyncClient http) {}

    private CloseableHttpAsyncClient ownHttpClient() {
        if (ownHttpClient == null) {
            ownHttpClient = HttpAsyncClients.custom()
                    .setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
                            .setMaxConnTotal(CONNECTIONS)
                            .setMaxConnPerRoute(CONNECTIONS_PER_HOST)
                            .build())
                    .setHttp1Config(Http1Config.custom()
                            .setMaxHeaderCount(MOST_HEADERS)
                            .setMaxLineLength(LONGEST_HEADER)
                            .build())
                    .setUserAgent("camel-contentsquare")
                    .disableRedirectHandling()
                    .disableAutomaticRetries()
                    .disableCookieManagement()
                    .disableAuthCaching()
                    .build();
            ownHttpClient.start();
        }
        return ownHttpClient;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ThreadPoolProfile profile = new ThreadPoolProfile("ContentsquareAnswers");
        // a pool that is shut down must reject: a dropped response would leave its exchange waiting forever
        profile.setRejectedPolicy(ThreadPoolRejectedPolicy.Abort);
        synchronized (this) {
            answers = getCamelContext().getExecutorServiceManager().newThreadPool(this, profile.getId(), profile);
            clients = LRUCacheFactory.newLRUCache(REMEMBERED_ACCESSES);
        }
    }

    @Override
    protected void doStop() throws Exception {
        CloseableHttpAsyncClient closing;
        List<ContentsquareClient> over = new ArrayList<>();
        synchronized (this) {
            if (clients == null) {
                return; // Camel also stops a component that it did not start
            }
            CloseableHttpAsyncClient own = ownHttpClient;
            clients.forEach((sender, client) -> {
                if (sender.http() == own) {
                    over.add(client);
                }
            });
            clients = null;
            closing = ownHttpClient;
            ownHttpClient = null;
        }
        if (closing != null) {
            // calls in flight get a few seconds and are then canceled, so that its exchange ends too
            closing.close(CloseMode.GRACEFUL);
            over.forEach(ContentsquareClient::cancelAll);
        }
        getCamelContext().getExecutorServiceManager().shutdownGraceful(answers);
        super.doStop();
    }

    public ContentsquareConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(ContentsquareConfiguration configuration) {
        this.configuration = configuration;
    }
}
