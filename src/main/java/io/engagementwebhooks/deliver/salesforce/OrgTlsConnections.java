package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.tls.EllipticGroups;
import io.engagementwebhooks.tls.LimitedSslHandler;
import io.engagementwebhooks.tls.PeerLimitException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.io.ssl.SslClientConnectionFactory;
import org.eclipse.jetty.io.ssl.SslConnection;

/** Makes the TLS connections of Jetty's client, with the limits of {@link LimitedSslHandler}. Thread-safe. */
final class OrgTlsConnections extends SslClientConnectionFactory {

    /** The transport of requests by https. Jetty adds TLS itself to a transport without. */
    static final Transport TRANSPORT = new Transport.TCPIP() {

        @Override
        public boolean isIntrinsicallySecure() {
            return true;
        }

        @Override
        public ClientConnectionFactory newClientConnectionFactory(
                ClientConnector connector, ClientConnectionFactory http) {
            return new OrgTlsConnections(connector, http);
        }
    };

    private OrgTlsConnections(ClientConnector connector, ClientConnectionFactory http) {
        super(connector.getSslContextFactory(), connector.getByteBufferPool(), connector.getExecutor(), http);
    }

    @Override
    protected SslConnection newSslConnection(EndPoint endPoint, SSLEngine engine) {
        return new Limited(endPoint, EllipticGroups.restrict(engine));
    }

    private final class Limited extends SslConnection {

        private int withoutPlaintext;

        Limited(EndPoint endPoint, SSLEngine engine) {
            super(getByteBufferPool(), OrgTlsConnections.this.getExecutor(), getSslContextFactory(), endPoint, engine);
        }

        @Override
        protected SSLEngineResult unwrap(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
            SSLEngineResult result = super.unwrap(engine, in, out);
            boolean isWithoutPlaintext = result.bytesConsumed() > 0 && result.bytesProduced() == 0;
            if (isWithoutPlaintext && ++withoutPlaintext > LimitedSslHandler.MAX_RECORDS_WITHOUT_PLAINTEXT) {
                throw new SSLException(PeerLimitException.tooManyRecords());
            }
            return result;
        }
    }
}
