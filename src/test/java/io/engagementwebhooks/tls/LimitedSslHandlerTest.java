package io.engagementwebhooks.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.adversary.ClientHello;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Other limits are tested at the server and at the client of outbound requests. */
class LimitedSslHandlerTest {

    @Test
    void a_handshake_that_the_executor_rejects_closes_the_connection() throws Exception {
        SSLEngine engine = new Certificates().server("127.0.0.1", 1).createSSLEngine();
        engine.setUseClientMode(false);
        EmbeddedChannel channel = new EmbeddedChannel(new LimitedSslHandler(engine, task -> {
            throw new RejectedExecutionException("full");
        }));
        byte[] hello = ClientHello.tls13(ClientHello.X25519);

        SSLException closedFor =
                assertThrows(SSLException.class, () -> channel.writeInbound(Unpooled.wrappedBuffer(hello)));

        assertEquals("too many handshakes", closedFor.getMessage());
        assertFalse(channel.isOpen());
    }
}
