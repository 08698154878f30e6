package io.engagementwebhooks.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * Limits what a peer can make a TLS connection cost. It uses {@link EllipticGroups}, and closes the connection at a
 * renegotiation, at too many records without plaintext, and if the executor rejects the handshake. The last handler of
 * the pipeline gets the reason. Used by the event loop only.
 */
public class LimitedSslHandler extends SslHandler {

    /**
     * The most records of a connection without plaintext: those of the handshake, session tickets, key updates, alerts,
     * and empty ones. A chain of certificates of the largest size that the JDK reads has 64 in records of 512 bytes.
     */
    public static final int MAX_RECORDS_WITHOUT_PLAINTEXT = 96;

    /** The most such records after the handshake: a few session tickets, and a key update in hours. */
    private static final int MAX_AFTER_HANDSHAKE = 16;

    private static final int HANDSHAKE_RECORD = 22;

    /** A busy connection may send one more after so many with plaintext, since it renews its keys from time to time. */
    private static final int RECORDS_PER_EXTRA = 1024;

    private int withoutPlaintext;
    private int withPlaintext;
    private boolean refused;

    /**
     * @param engine before its handshake
     * @param tasks runs the computations of the handshake; if it rejects one, the connection is closed
     */
    public LimitedSslHandler(SSLEngine engine, Executor tasks) {
        super(EllipticGroups.restrict(engine), false, tasks);
        handshakeFuture().addListener(done -> withoutPlaintext = MAX_RECORDS_WITHOUT_PLAINTEXT - MAX_AFTER_HANDSHAKE);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        ctx.pipeline().addAfter(ctx.name(), null, new PlaintextCounter());
        super.handlerAdded(ctx);
    }

    /** Decodes at most one record. */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        if (refused) {
            in.skipBytes(in.readableBytes());
        } else if (isRenegotiation(in)) {
            // TLS 1.2 only: records of TLS 1.3 are all of the type of application data
            in.skipBytes(in.readableBytes());
            refuse(ctx, new PeerLimitException(" renegotiates, which is refused"));
        } else {
            decodeRecord(ctx, in, out);
        }
    }

    private boolean isRenegotiation(ByteBuf in) {
        return in.isReadable()
                && in.getByte(in.readerIndex()) == HANDSHAKE_RECORD
                && handshakeFuture().isSuccess();
    }

    private void decodeRecord(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        int from = in.readerIndex();
        super.decode(ctx, in, out);
        if (in.readerIndex() > from && ++withoutPlaintext > MAX_RECORDS_WITHOUT_PLAINTEXT) {
            in.skipBytes(in.readableBytes());
            refuse(ctx, PeerLimitException.tooManyRecords());
        }
    }

    /** Any task of a handshake can be rejected; the first one is rejected while a record is decoded. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) throws Exception {
        if (failure instanceof RejectedExecutionException || failure.getCause() instanceof RejectedExecutionException) {
            refuse(ctx, new SSLException("too many handshakes", failure));
        } else {
            super.exceptionCaught(ctx, failure);
        }
    }

    private void refuse(ChannelHandlerContext ctx, Exception reason) {
        refused = true;
        ctx.fireExceptionCaught(reason);
        ctx.close();
    }

    /** A record with plaintext does not count. */
    private final class PlaintextCounter extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object plaintext) throws Exception {
            withoutPlaintext--;
            if (++withPlaintext % RECORDS_PER_EXTRA == 0 && withoutPlaintext > 0) {
                withoutPlaintext--;
            }
            super.channelRead(ctx, plaintext);
        }
    }
}
