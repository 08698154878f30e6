package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.PeerLimitException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The first handler of a connection. It counts all bytes that the server sends, with those of TLS and of a proxy, and
 * processes them when it is the account's turn at the event loop. While it waits for that, it stops reading. For the
 * event loop only.
 */
final class ReadGate extends ChannelDuplexHandler {

    /** The most bytes of a handshake, and then of each answer up to the end of its head. */
    static final int MOST_BEFORE_BODY = 64 * 1024;

    /** The most bytes of a body with its framing, at least: as many as are read of one, in chunks of few bytes. */
    private static final int MOST_OF_BODY = 2 * 1024 * 1024;

    private final Queue<Object> arrived = new ArrayDeque<>(2);
    private ReadScheduler.Account account;
    private ChannelHandlerContext context;
    private int bytesLeft = MOST_BEFORE_BODY;
    private boolean isPaused;
    private boolean isHeld;

    ReadGate(ReadScheduler.Account account) {
        this.account = account;
    }

    /** Sets whose connection it is, once that is known. */
    void assignTo(ReadScheduler.Account owner) {
        account = owner;
    }

    /** A request is sent: its answer begins. */
    void beginAnswer() {
        bytesLeft = MOST_BEFORE_BODY;
    }

    /** The head of the answer is complete. @param mostBytes read of its body */
    void beginBody(int mostBytes) {
        bytesLeft = Math.max(MOST_OF_BODY, 2 * mostBytes);
    }

    /** Holds what arrives back until {@link #open}. */
    void hold() {
        isHeld = true;
    }

    void open() {
        processAll();
    }

    /** Whether bytes wait for the account's turn. */
    boolean hasArrived() {
        return !arrived.isEmpty();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        bytesLeft -= ((ByteBuf) bytes).readableBytes();
        if (bytesLeft < 0) {
            ReferenceCountUtil.release(bytes);
            discard();
            ctx.fireExceptionCaught(new PeerLimitException(
                    " sent more than " + MOST_BEFORE_BODY / 1024 + " KiB before the end of its response head"));
            ctx.close();
            return;
        }
        arrived.add(bytes);
        if (arrived.size() > 1 && !isPaused) {
            isPaused = true;
            ctx.channel().config().setAutoRead(false);
        }
        account.execute(ctx.executor(), this::process);
    }

    private void process() {
        Object bytes = isHeld ? null : arrived.poll();
        if (bytes != null) {
            context.fireChannelRead(bytes);
            context.fireChannelReadComplete();
        }
        if (isPaused && arrived.isEmpty()) {
            isPaused = false;
            context.channel().config().setAutoRead(true);
        }
    }

    /** Withheld, since {@link #process} passes one on after each read. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {}

    /** TLS asks for more bytes itself. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!isPaused) {
            ctx.read();
        }
    }

    /** What has arrived before the end comes first; it is little. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        processAll();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        processAll();
        ctx.fireExceptionCaught(failure);
    }

    private void processAll() {
        isHeld = false;
        while (!arrived.isEmpty()) {
            process();
        }
    }

    private void discard() {
        arrived.forEach(ReferenceCountUtil::release);
        arrived.clear();
    }
}
