package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.adversary.ClientHello;
import io.engagementwebhooks.tls.EllipticGroups;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Prints the processor time that a server needs for a hello of TLS 1.3, with and without {@link EllipticGroups}. */
final class HelloCost {

    private static final int WARM_UP = 2_000;
    private static final int MEASURED = 200;

    private HelloCost() {}

    public static void main(String[] arguments) throws Exception {
        SSLContext context = new Certificates().server("localhost", 1);
        measure(context, ClientHello.X25519, true, WARM_UP);
        for (int group : new int[] {ClientHello.FFDHE8192, ClientHello.X25519}) {
            for (boolean restricted : new boolean[] {false, true}) {
                System.out.println(String.format(
                        Locale.ROOT,
                        "%s, %s: %d µs",
                        group == ClientHello.X25519 ? "x25519" : "ffdhe8192",
                        restricted ? "elliptic groups" : "all groups",
                        measure(context, group, restricted, MEASURED) / 1_000 / MEASURED));
            }
        }
    }

    private static long measure(SSLContext context, int group, boolean restricted, int times) throws Exception {
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < times; i++) {
            SSLEngine server = context.createSSLEngine();
            server.setUseClientMode(false);
            ClientHello.response(restricted ? EllipticGroups.restrict(server) : server, ClientHello.tls13(group));
        }
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin;
    }
}
