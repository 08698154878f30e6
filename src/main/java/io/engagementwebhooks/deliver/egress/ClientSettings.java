package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.webhook.Tls;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.ssl.TLS;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * How HttpClient is set up. Everything it would do by itself is off: redirects, retries, cookies, authentication,
 * upgrades, decoding.
 *
 * @param userAgent value of the User-Agent header where a webhook sets none
 * @param trust whom TLS trusts
 */
record ClientSettings(String userAgent, SSLContext trust) {

    private static final int CONNECTIONS = 1024;
    private static final int CONNECTIONS_PER_RECEIVER = 256;
    static final TimeValue KEPT_ALIVE = TimeValue.ofSeconds(30);

    /** Per address, so that a name's second address gets its turn within the deadline. */
    private static final Timeout CONNECT = Timeout.ofSeconds(5);

    private static final Http1Config LIMITS = Http1Config.custom()
            .setMaxHeaderCount(200)
            .setMaxLineLength(16 * 1024)
            .setMaxEmptyLineCount(10)
            .build();

    private static final ConnectionConfig CONNECTION = ConnectionConfig.custom()
            .setConnectTimeout(CONNECT)
            // a receiver may close at any time, and a request on a closed connection would be a lost attempt
            .setValidateAfterInactivity(TimeValue.of(200, TimeUnit.MILLISECONDS))
            // receivers move: their name is looked up again
            .setTimeToLive(TimeValue.ofMinutes(5))
            .build();

    private static final RequestConfig REQUEST = RequestConfig.custom()
            .setRedirectsEnabled(false)
            .setAuthenticationEnabled(false)
            .setProtocolUpgradeEnabled(false)
            .setExpectContinueEnabled(false)
            .setConnectionKeepAlive(KEPT_ALIVE)
            .build();

    CloseableHttpClient client(PoolingHttpClientConnectionManager connections) {
        return HttpClients.custom()
                .setConnectionManager(connections)
                .setRequestExecutor(new LastQuestion())
                .setConnectionReuseStrategy((request, response, context) -> WholeHeads.allIsRead(response)
                        && DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context))
                .setDefaultRequestConfig(REQUEST)
                .setUserAgent(userAgent)
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                // connections have a state, which each call sets: the TLS identity that they were opened with
                .evictExpiredConnections()
                .evictIdleConnections(KEPT_ALIVE)
                .build();
    }

    PoolingHttpClientConnectionManager connections(GuardedNames names, Optional<EgressProxy> proxy) {
        TlsSocketStrategy usual = tls(trust).buildClassic();
        return new GuardedConnections(
                        names,
                        proxy,
                        tls -> tls.equals(Tls.DEFAULT)
                                ? usual
                                : tls(tls.context()).buildClassic())
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(LIMITS)
                        .responseParserFactory(new WholeHeads(LIMITS))
                        .build())
                .setDefaultTlsConfig(tlsConfig())
                .setDefaultConnectionConfig(CONNECTION)
                .setMaxConnTotal(CONNECTIONS)
                .setMaxConnPerRoute(CONNECTIONS_PER_RECEIVER)
                .build();
    }

    private static ClientTlsStrategyBuilder tls(SSLContext context) {
        return ClientTlsStrategyBuilder.create()
                .setSslContext(context)
                .setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT);
    }

    private static TlsConfig tlsConfig() {
        return TlsConfig.custom()
                .setSupportedProtocols(TLS.V_1_2, TLS.V_1_3)
                .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                .build();
    }
}
