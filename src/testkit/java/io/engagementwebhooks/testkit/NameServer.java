package io.engagementwebhooks.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * A name server on loopback, by UDP and TCP on one port. What it was reported nothing of does not exist. A name that begins with a
 * dot stands for all under it. Thread-safe.
 */
public final class NameServer implements AutoCloseable {

    public static final int SERVFAIL = 2;
    public static final int REFUSED = 5;

    private static final int NXDOMAIN = 3;
    private static final int A = 1;
    private static final int CNAME = 5;
    private static final int AAAA = 28;
    private static final int RESPONSE = 0x8180;
    private static final int TRUNCATED = 0x0200;

    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final Queue<Query> queries = new ConcurrentLinkedQueue<>();
    private final DatagramSocket udp;
    private final ServerSocket tcp;

    /** What was asked: a name, and from where. */
    public record Query(String name, int type, boolean isTcp, int fromPort) {}

    private record Reply(
            int code, int ttl, List<InetAddress> addresses, String alias, boolean isSilent, boolean isCut) {}

    public NameServer() {
        try {
            int port = FreePort.any();
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            udp = new DatagramSocket(port, loopback);
            tcp = new ServerSocket(port, 50, loopback);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::serveUdp);
        start(this::serveTcp);
    }

    private static void start(Runnable loop) {
        Thread thread = new Thread(loop, "name-server");
        thread.setDaemon(true);
        thread.start();
    }

    public InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", udp.getLocalPort());
    }

    /** As a setting names it. */
    public String text() {
        return "127.0.0.1:" + udp.getLocalPort();
    }

    /** A name has these addresses, IPv4 and IPv6. @param ttl in seconds */
    public void answer(String name, int ttl, String... addresses) {
        replies.put(
                name,
                new Reply(0, ttl, Stream.of(addresses).map(NameServer::address).toList(), null, false, false));
    }

    /** The same, and by UDP it says only that there is more. */
    public void answerByTcp(String name, int ttl, String... addresses) {
        replies.put(
                name,
                new Reply(0, ttl, Stream.of(addresses).map(NameServer::address).toList(), null, false, true));
    }

    /** A name is another name for a target, and where the target leads is not said. */
    public void alias(String name, int ttl, String target) {
        replies.put(name, new Reply(0, ttl, List.of(), target, false, false));
    }

    /** Nothing is said of a name. */
    public void hang(String name) {
        replies.put(name, new Reply(0, 0, List.of(), null, true, false));
    }

    /** A name cannot be looked up. @param code such as {@link #SERVFAIL} */
    public void fail(String name, int code) {
        replies.put(name, new Reply(code, 0, List.of(), null, false, false));
    }

    /** A name does not exist. */
    public void forget(String name) {
        replies.remove(name);
    }

    /** All that was asked, in its order. */
    public List<Query> queries() {
        return List.copyOf(queries);
    }

    /** How often a name was asked for, for IPv4. */
    public long asked(String name) {
        return queries.stream()
                .filter(query -> query.type() == A && query.name().equals(name))
                .count();
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serveUdp() {
        byte[] buffer = new byte[1500];
        try {
            while (!udp.isClosed()) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                byte[] reply = reply(buffer, packet.getLength(), false, packet.getPort());
                if (reply != null) {
                    udp.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException closed) {
            // the end of a test
        }
    }

    private void serveTcp() {
        try {
            while (!tcp.isClosed()) {
                try (Socket socket = tcp.accept()) {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] query = new byte[in.readUnsignedShort()];
                    in.readFully(query);
                    byte[] reply = reply(query, query.length, true, socket.getPort());
                    if (reply != null) {
                        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                        out.writeShort(reply.length);
                        out.write(reply);
                        out.flush();
                    }
                }
            }
        } catch (IOException closed) {
            // the end of a test
        }
    }

    /** @return null: none */
    private byte[] reply(byte[] query, int length, boolean isTcp, int fromPort) throws IOException {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
            at += query[at] + 1;
        }
        int type = (query[at + 1] & 0xFF) << 8 | query[at + 2] & 0xFF;
        queries.add(new Query(name.toString(), type, isTcp, fromPort));
        Reply reply = of(name.toString());
        if (reply.isSilent()) {
            return null;
        }
        boolean isCut = reply.isCut() && !isTcp;
        List<InetAddress> addresses = reply.addresses().stream()
                .filter(address -> !isCut && address.getAddress().length == (type == A ? 4 : type == AAAA ? 16 : 0))
                .toList();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(query, 0, 2);
        out.writeShort(RESPONSE | (isCut ? TRUNCATED : 0) | reply.code());
        out.writeShort(1);
        out.writeShort(addresses.size() + (reply.alias() == null ? 0 : 1));
        out.writeInt(0);
        out.write(query, 12, at + 5 - 12);
        if (reply.alias() != null) {
            byte[] target = wire(reply.alias());
            record(out, CNAME, reply.ttl(), target);
        }
        for (InetAddress address : addresses) {
            record(out, type, reply.ttl(), address.getAddress());
        }
        return bytes.toByteArray();
    }

    private Reply of(String name) {
        for (String known = name; known != null; known = parent(known)) {
            Reply reply = replies.get(known);
            if (reply != null) {
                return reply;
            }
        }
        return new Reply(NXDOMAIN, 0, List.of(), null, false, false);
    }

    /** Of a.b.c: .b.c, and of that: .c. */
    private static String parent(String name) {
        int dot = name.indexOf('.', 1);
        return dot < 0 ? null : name.substring(dot);
    }

    private static void record(DataOutputStream out, int type, int ttl, byte[] data) throws IOException {
        out.writeShort(0xC00C);
        out.writeShort(type);
        out.writeShort(1);
        out.writeInt(ttl);
        out.writeShort(data.length);
        out.write(data);
    }

    private static byte[] wire(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            bytes.write(label.length());
            bytes.write(label.getBytes(StandardCharsets.US_ASCII));
        }
        bytes.write(0);
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        udp.close();
        try {
            tcp.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
