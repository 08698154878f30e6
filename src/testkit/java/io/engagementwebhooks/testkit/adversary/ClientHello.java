package io.engagementwebhooks.testkit.adversary;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** The first record of a TLS client, byte by byte: what costs the server a computation, and the client none. */
public final class ClientHello {

    /** An elliptic group, x25519. */
    public static final int X25519 = 0x001d;

    /** The largest group over a finite field. */
    public static final int FFDHE8192 = 0x0104;

    private static final int[] SUITES_OF_12 = {0x009e, 0x009f, 0x0033, 0x0067, 0xc02b, 0xc02c, 0xc02f, 0xc030};
    private static final int[] SUITES_OF_13 = {0x1301, 0x1302};
    private static final int[] SIGNATURES = {0x0403, 0x0503, 0x0804, 0x0401};

    private ClientHello() {}

    /**
     * A hello of TLS 1.3 with one group and a key of it.
     *
     * @param group {@link #X25519} or {@link #FFDHE8192}
     */
    public static byte[] tls13(int group) {
        byte[] key = new byte[group == FFDHE8192 ? 1024 : 32];
        new Random(1).nextBytes(key);
        key[0] &= 0x7f;
        byte[] share = vector(2, concat(pair(group), vector(2, key)));
        return hello(
                SUITES_OF_13,
                concat(groups(group), extension(0x002b, vector(1, pair(0x0304))), extension(0x0033, share)));
    }

    /** A hello of TLS 1.2 that prefers Diffie-Hellman over finite fields; with this group alone. */
    public static byte[] tls12(int group) {
        return hello(SUITES_OF_12, groups(group));
    }

    private static byte[] groups(int group) {
        return extension(0x000a, vector(2, pair(group)));
    }

    private static byte[] hello(int[] suites, byte[] extensions) {
        byte[] random = new byte[32];
        new Random(2).nextBytes(random);
        byte[] body = concat(
                pair(0x0303),
                random,
                vector(1, new byte[0]),
                vector(2, pairs(suites)),
                vector(1, new byte[] {0}),
                vector(2, concat(extensions, extension(0x000d, vector(2, pairs(SIGNATURES))))));
        return concat(new byte[] {22, 3, 1}, vector(2, concat(new byte[] {1}, vector(3, body))));
    }

    private static byte[] extension(int type, byte[] content) {
        return concat(pair(type), vector(2, content));
    }

    private static byte[] pair(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    private static byte[] pairs(int... values) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int value : values) {
            all.writeBytes(pair(value));
        }
        return all.toByteArray();
    }

    /** The content after its length in so many bytes. */
    private static byte[] vector(int lengthBytes, byte[] content) {
        byte[] length = ByteBuffer.allocate(4).putInt(content.length).array();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(length, 4 - lengthBytes, lengthBytes);
        all.writeBytes(content);
        return all.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** What a server sends in response to a hello, at least one record. */
    public static ByteBuffer response(SSLEngine server, byte[] hello) throws SSLException {
        ByteBuffer in = ByteBuffer.wrap(hello);
        ByteBuffer none = ByteBuffer.allocate(32 << 10);
        ByteBuffer out = ByteBuffer.allocate(32 << 10);
        try {
            while (out.position() == 0) {
                if (server.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                    server.getDelegatedTask().run();
                } else if (server.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                    server.wrap(ByteBuffer.allocate(0), out);
                } else {
                    server.unwrap(in, none);
                }
            }
        } catch (SSLException refused) {
            server.wrap(ByteBuffer.allocate(0), out);
        }
        return out;
    }
}
