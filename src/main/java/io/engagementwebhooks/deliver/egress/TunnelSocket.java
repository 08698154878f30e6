package io.engagementwebhooks.deliver.egress;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A socket that is connected through a proxy. Connected, it leads to the receiver, and whoever speaks over it does not see
 * the proxy; until then everything that fails is a {@link ProxyFailedException}. Not thread-safe.
 */
final class TunnelSocket extends Socket {

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})( .*)?");
    private static final int LONGEST_HEAD = 16 * 1024;

    private final EgressProxy proxy;
    private final Addresses addresses;

    /** Where the proxy is, asked at each connect. */
    @FunctionalInterface
    interface Addresses {
        InetSocketAddress current() throws IOException;
    }

    TunnelSocket(EgressProxy proxy, Addresses addresses) {
        this.proxy = proxy;
        this.addresses = addresses;
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int millis) throws IOException {
        int usual = getSoTimeout();
        String head;
        boolean asked = false;
        try {
            super.connect(addresses.current(), millis);
            setSoTimeout(millis);
            asked = true;
            getOutputStream().write(request((InetSocketAddress) endpoint));
            head = head(getInputStream());
            setSoTimeout(usual);
        } catch (ProxyFailedException e) {
            throw e;
        } catch (IOException e) {
            throw ProxyFailedException.unreachable(asked, e);
        }
        check(head);
    }

    private byte[] request(InetSocketAddress to) {
        String host = to.getHostString();
        String authority = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + to.getPort();
        StringBuilder request = new StringBuilder("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n");
        proxy.authorization().ifPresent(value -> request.append("Proxy-Authorization: ")
                .append(value.reveal())
                .append("\r\n"));
        return request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Byte by byte: what follows the head is the receiver's. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ending = 0;
        while (ending < 4) {
            int read = in.read();
            if (read < 0) {
                throw new EOFException();
            }
            head.write(read);
            ending = read == (ending % 2 == 0 ? '\r' : '\n') ? ending + 1 : read == '\r' ? 1 : 0;
            if (head.size() > LONGEST_HEAD) {
                throw ProxyFailedException.senseless();
            }
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static void check(String head) throws ProxyFailedException {
        Matcher status = STATUS.matcher(head.substring(0, head.indexOf('\r')));
        if (!status.matches()) {
            throw ProxyFailedException.senseless();
        }
        int code = Integer.parseInt(status.group(1));
        if (code < 200 || code > 299) {
            throw ProxyFailedException.refused(code);
        }
    }
}
