package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A separate process in a network namespace with one local port. */
class OutOfLocalPortsTest {

    private static final String PORTS = "/proc/sys/net/ipv4/ip_local_port_range";

    /** @param command runs in a new network namespace */
    private static Process start(String command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "unshare", "--net", "--map-root-user", "sh", "-c", "ip link set lo up && " + command)
                .redirectErrorStream(true);
        builder.environment().put("CLASSES", System.getProperty("java.class.path"));
        return builder.start();
    }

    private static boolean isPossible() throws InterruptedException {
        try {
            return start("test -w " + PORTS).waitFor() == 0;
        } catch (IOException e) {
            return false; // the command unshare is not installed
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void without_a_free_local_port_nothing_is_sent_and_the_failure_is_not_the_receivers(boolean isWithoutEpoll)
            throws Exception {
        assumeTrue(isPossible(), "needs a user who may make a network namespace");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = start("echo 50000 50000 >" + PORTS + " && exec " + java + " -Dio.netty.transport.noNative="
                + isWithoutEpoll + " -cp \"$CLASSES\" '" + InOnePort.class.getName() + "'");
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    /** A connection to the receiver uses the only port. */
    static final class InOnePort {

        public static void main(String[] arguments) throws Exception {
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            try (ServerSocket receiver = new ServerSocket(8080, 50, loopback);
                    Socket first = new Socket(loopback, receiver.getLocalPort());
                    NameResolver names = new NameResolver(new SystemNames(), Clock.systemUTC());
                    EgressClient client = new EgressClient(
                            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")),
                            "test",
                            Clock.systemUTC(),
                            names)) {
                assertEquals(50000, first.getLocalPort());
                client.send(new OutgoingRequest(
                        "acme",
                        URI.create("http://127.0.0.1:8080/"),
                        "POST",
                        new byte[0],
                        Instant.now().plus(Duration.ofSeconds(30))));
                throw new AssertionError("it was sent");
            } catch (NothingSentException unsent) {
                assertEquals(
                        "Not sent: this installation has no local port left for a connection", unsent.getMessage());
            }
            System.exit(0);
        }
    }
}
