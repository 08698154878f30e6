package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;

/** Writes a request as HTTP/1.1. */
final class WireRequest {

    private WireRequest() {}

    static FullHttpRequest of(OutgoingRequest outgoing, String userAgent) {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(outgoing.method()),
                target(outgoing.url()),
                Unpooled.wrappedBuffer(outgoing.body()));
        HttpHeaders headers = request.headers();
        // spaces around a value are not part of it (RFC 9110 section 5.5)
        outgoing.forEachHeader((name, value) -> headers.add(name, value.strip()));
        if (!headers.contains(HttpHeaderNames.HOST)) {
            headers.add("Host", outgoing.url().getRawAuthority());
        }
        headers.set("Content-Length", outgoing.body().length);
        if (!headers.contains(HttpHeaderNames.USER_AGENT)) {
            headers.add("User-Agent", userAgent);
        }
        return request;
    }

    private static String target(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + '?' + url.getRawQuery();
    }
}
