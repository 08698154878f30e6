package io.engagementwebhooks.contentsquare;

import java.time.Clock;
import java.util.Arrays;
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

/**
 * Makes {@code contentsquare:} endpoints. They share one HTTP client, and one token wherever they use equal access.
 */
@Component("contentsquare")
public class ContentsquareComponent extends HealthCheckComponent {

    /** The most accesses with cached tokens; the least recently used one is evicted. */
    private static final int REMEMBERED_ACCESSES = 1000;

    @Metadata(description = "Options that the endpoints start from.")
    private ContentsquareConfiguration configuration = new ContentsquareConfiguration();

    private Map<Sender, ContentsquareClient> clients;
    private JdkHttpClient ownHttpClient;
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
    synchronized ContentsquareClient client(ContentsquareAccess access, ContentsquareHttpClient httpClient) {
        if (clients == null) {
            throw new IllegalStateException("the contentsquare component is stopped");
        }
        Sender sender = new Sender(access, httpClient == null ? ownHttpClient() : httpClient);
        return clients.computeIfAbsent(
                sender, key -> new ContentsquareClient(key.access(), key.http(), Clock.systemUTC(), answers));
    }

    private record Sender(ContentsquareAccess access, ContentsquareHttpClient http) {}

    private ContentsquareHttpClient ownHttpClient() {
        if (ownHttpClient == null) {
            ownHttpClient = new JdkHttpClient();
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
        synchronized (this) {
            if (clients == null) {
                return; // Camel also stops a component that it did not start
            }
            clients = null;
            if (ownHttpClient != null) {
                ownHttpClient.close();
                ownHttpClient = null;
            }
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
