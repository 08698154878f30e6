package io.engagementwebhooks.testkit;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Sets the clock of a {@link SeparateProduct} while it runs. Not thread-safe. */
public final class ClockOfSeparate implements AutoCloseable {

    private static final int PATIENCE_MS = 60_000;

    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Path agent;
    private Socket product;

    /** @param folder receives the agent's jar */
    public ClockOfSeparate(Path folder) throws IOException {
        server.setSoTimeout(PATIENCE_MS);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", ClockAgent.class.getName());
        manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
        agent = folder.resolve("clock-agent.jar");
        new JarOutputStream(Files.newOutputStream(agent), manifest).close();
    }

    /** The JVM option that makes a product's clock settable. */
    public List<String> launcher() {
        return List.of("env", "JAVA_TOOL_OPTIONS=-javaagent:" + agent + "=" + server.getLocalPort());
    }

    /** Sets the offset to the real time; returns when it applies. */
    public void ahead(Duration real) throws IOException {
        if (product == null) {
            product = server.accept();
            product.setSoTimeout(PATIENCE_MS);
        }
        new DataOutputStream(product.getOutputStream()).writeLong(real.toMillis());
        if (product.getInputStream().read() < 0) {
            throw new IOException("the product has ended");
        }
    }

    @Override
    public void close() throws IOException {
        if (product != null) {
            product.close();
        }
        server.close();
    }
}
