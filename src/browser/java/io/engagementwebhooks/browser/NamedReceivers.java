package io.engagementwebhooks.browser;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConnectProxy;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.function.Function;

/**
 * Receivers with names below {@code example.com} and TLS, like those of customers, behind a proxy. After this, the
 * process trusts their certificate authority only.
 */
final class NamedReceivers implements AutoCloseable {

    private static final String PASSWORD = "changeit";

    private final Map<String, Function<Got, Reply>> behaviours;
    private final ConnectProxy proxy = new ConnectProxy();
    private final Receiver receiver;

    /** @param behaviours by the first part of the names */
    NamedReceivers(Path folder, Map<String, Function<Got, Reply>> behaviours) {
        this.behaviours = Map.copyOf(behaviours);
        Certificates authority = new Certificates();
        try {
            trust(authority.trustStore(), folder.resolve("authority.p12"));
            receiver = new Receiver(authority.server("*.example.com", 30), this::answer);
        } catch (Exception e) {
            throw new IllegalStateException("no receivers with TLS", e);
        }
        behaviours.keySet().forEach(name -> proxy.leading(name + ".example.com:443", receiver.port()));
    }

    /** Read when TLS is first used. */
    private static void trust(KeyStore store, Path file) throws GeneralSecurityException {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.setProperty("javax.net.ssl.trustStore", file.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    }

    private Reply answer(Got got) {
        String host = got.header("Host");
        return behaviours.get(host.substring(0, host.indexOf('.'))).apply(got);
    }

    /** The setting with which a product finds them. */
    String setting() {
        return "webhooks.egress.proxy=http://127.0.0.1:" + proxy.port();
    }

    @Override
    public void close() {
        receiver.close();
        try {
            proxy.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
