package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.Ledger;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The bytes of one connection, without a network. */
class RequestDecoderTest {

    private static final String GET = "GET /%d HTTP/1.1\r\nHost: x\r\n\r\n";

    private final Ledger ledger = new Ledger(64_000_000);
    private final Connections connections =
            new Connections(100, ClientAddresses.OF_PEERS, new UnauthenticatedBudget(ledger));
    private final List<HttpRequest> requests = new ArrayList<>();
    private HttpObject lastPart;
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Connection connection = connections.admit(channel);

    RequestDecoderTest() {
        RequestDecoder decoder = new RequestDecoder(new HttpServerOptions(), connection, Duration.ofSeconds(10));
        channel.pipeline().addLast(decoder, new ResponseWatch(connection, decoder), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object part) {
                if (part instanceof HttpRequest request) {
                    requests.add(request);
                }
                lastPart = (HttpObject) part;
            }
        });
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        channel.runPendingTasks();
    }

    private void respond(HttpResponseStatus status) {
        channel.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status));
        channel.runPendingTasks();
    }

    private List<String> paths() {
        return requests.stream().map(HttpRequest::uri).toList();
    }

    @Test
    void the_next_request_is_not_read_before_the_last_response_is_sent() {
        send(GET.formatted(1) + GET.formatted(2) + GET.formatted(3));
        assertEquals(List.of("/1"), paths());
        assertFalse(channel.config().isAutoRead(), "no more is read than one buffer");

        respond(HttpResponseStatus.OK);
        assertEquals(List.of("/1", "/2"), paths());

        respond(HttpResponseStatus.OK);
        respond(HttpResponseStatus.OK);
        assertEquals(List.of("/1", "/2", "/3"), paths());
        assertTrue(channel.config().isAutoRead());
    }

    @Test
    void a_thousand_requests_at_once_are_answered_one_after_the_other() {
        send(GET.formatted(7).repeat(1000));
        for (int i = 0; i < 1000; i++) {
            respond(HttpResponseStatus.NOT_FOUND);
        }
        assertEquals(1000, requests.size());
    }

    @Test
    void a_response_before_the_end_of_the_body_keeps_the_connection_usable() {
        send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        respond(HttpResponseStatus.UNAUTHORIZED);
        send("defghij" + GET.formatted(2) + GET.formatted(3));
        assertEquals(List.of("/1", "/2"), paths());

        respond(HttpResponseStatus.OK);
        assertEquals(List.of("/1", "/2", "/3"), paths());
    }

    @Test
    void one_hundred_continue_is_no_response() {
        send("POST /1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
        respond(HttpResponseStatus.CONTINUE);
        send("a" + GET.formatted(2));
        assertEquals(List.of("/1"), paths());

        respond(HttpResponseStatus.OK);
        assertEquals(List.of("/1", "/2"), paths());
    }

    @Test
    void a_request_that_is_not_complete_in_time_is_closed_and_one_that_is_answered_late_is_not() {
        send(GET.formatted(1));
        channel.advanceTimeBy(60, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertTrue(channel.isOpen());
        respond(HttpResponseStatus.OK);

        send("G");
        channel.advanceTimeBy(11, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertFalse(channel.isOpen());
    }

    @Test
    void more_than_a_hundred_headers_are_refused_whole_or_not() {
        String headers = "POST / HTTP/1.1\r\nHost: x\r\n" + "X-Some-Header-Of-Length: value\r\n".repeat(101);
        send(headers + "\r\n");
        assertInstanceOf(
                TooLongHttpHeaderException.class,
                requests.get(0).decoderResult().cause());
    }

    @Test
    void an_unfinished_head_of_more_than_a_hundred_headers_is_refused() {
        send("POST / HTTP/1.1\r\nHost: x\r\n" + "a:\r\n".repeat(50));
        assertEquals(List.of(), requests);
        send("a:\r\n".repeat(60));
        assertInstanceOf(
                TooLongHttpHeaderException.class,
                requests.get(0).decoderResult().cause());
        long held = ledger.anonymous().reserved();
        send("a:\r\n".repeat(1000));
        assertEquals(1, requests.size());
        assertTrue(ledger.anonymous().reserved() <= held + 10_000);
    }

    @Test
    void an_incomplete_head_uses_unauthenticated_memory() {
        send("GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n");
        long held = ledger.anonymous().reserved();
        assertTrue(held > 500, held + " bytes");

        send("X-B: c\r\n".repeat(20));
        assertTrue(ledger.anonymous().reserved() > held + 5000);

        send("\r\n");
        assertEquals(0, ledger.anonymous().reserved());
        respond(HttpResponseStatus.OK);
    }

    @Test
    void an_incomplete_head_of_a_caller_uses_memory_of_the_account() {
        connection.authenticated(ledger.of("acme"));

        send("GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n");

        assertEquals(0, ledger.anonymous().reserved());
        assertTrue(ledger.of("acme").reserved() > 500);
    }

    @Test
    void trailers_are_headers_too() {
        send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
                + "a: b\r\n".repeat(200));

        assertEquals(1, requests.size());
        assertInstanceOf(
                TooLongHttpHeaderException.class, lastPart.decoderResult().cause());
    }
}
