package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.credential.PrivateFile;
import io.engagementwebhooks.operate.JvmEnvironment;
import io.engagementwebhooks.operate.Product;
import io.engagementwebhooks.operate.StoreKey;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds settings that are unsafe on a reachable machine, each with its remedy. */
final class UnsafeSettings {

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");
    private static final String CAMELS_PROFILE = "camel.main.profile";
    private static final String DUMPED_ROUTES = "camel.main.dumpRoutes";
    private static final String JMX = "com.sun.management.jmxremote.";

    /** Each lets anyone who reaches it change routes, or read messages. */
    private static final List<String> TO_BE_OFF = List.of(
            Product.CAMELS_RELOAD,
            "camel.main.contextReloadEnabled",
            "camel.main.devConsoleEnabled",
            "camel.main.jmxUpdateRouteEnabled",
            "camel.main.logExhaustedMessageBody",
            "camel.main.tracing",
            "camel.main.tracingStandby",
            "camel.debug.enabled",
            "camel.debug.standby",
            "camel.trace.enabled",
            "camel.trace.standby",
            "camel.management.devConsoleEnabled",
            "camel.management.jolokiaEnabled",
            "camel.management.uploadEnabled",
            "camel.management.downloadEnabled",
            "camel.management.sendEnabled");

    private final Settings settings;
    private final JvmEnvironment jvm;
    private final List<String> faults = new ArrayList<>();

    UnsafeSettings(Settings settings, JvmEnvironment jvm) {
        this.settings = settings;
        this.jvm = jvm;
    }

    List<String> faults() {
        management();
        transport();
        OperatorKeyReading.tooShort(settings).ifPresent(this::fault);
        commandLine();
        keyFile();
        storeFiles();
        database();
        remoteJmx();
        debugger();
        TO_BE_OFF.stream().filter(settings::isOn).forEach(key -> fault(key + " is on; leave it out"));
        camelsProfile();
        dumpedRoutes();
        camelsAuthentication();
        return faults;
    }

    private void fault(String text) {
        faults.add("profile prod: " + text);
    }

    private void management() {
        String host = settings.text("camel.management.host");
        if (!LOOPBACK.contains(host) && !settings.isManagementBehindFirewall()) {
            fault("camel.management.host is " + host
                    + ", and the management port asks for no key; set it to 127.0.0.1, or"
                    + " webhooks.management.behind-firewall=true where only probes and metrics reach it");
        }
    }

    /** Refuses plain HTTP for the API. */
    private void transport() {
        boolean safe = LOOPBACK.contains(settings.text("camel.server.host"))
                || settings.isOn("camel.server.useGlobalSslContextParameters")
                || settings.isBehindTlsProxy();
        if (!safe) {
            fault("the API speaks plain HTTP on " + settings.text("camel.server.host")
                    + ", and API keys cross it; set camel.server.host=127.0.0.1, or camel.ssl.* with"
                    + " camel.server.useGlobalSslContextParameters=true, or webhooks.server.behind-tls-proxy=true where"
                    + " something in front ends TLS and nothing else reaches the port (and name its addresses in"
                    + " webhooks.server.trusted-proxies, so that throttles see its clients')");
        }
    }

    private void commandLine() {
        for (String key : settings.secretsOfCommandLine()) {
            fault(key + " is given as -D" + key
                    + ", which every user of the machine sees in the list of processes; give " + Settings.variable(key)
                    + ", or file:PATH");
        }
    }

    private void keyFile() {
        Path file = StoreKey.fileOf(settings.storeFile());
        try {
            if (Files.exists(file) && PrivateFile.isReadableByOthers(file)) {
                fault("key file " + file + " can be read by others than its owner; chmod 600 it");
            }
        } catch (IOException e) {
            fault("key file " + file + " cannot be checked: " + e.getMessage());
        }
    }

    /**
     * Refuses store files that every user can read. For group access the store only warns, since Kubernetes mounts
     * volumes so.
     */
    private void storeFiles() {
        if (settings.postgres().isPresent()) {
            return;
        }
        Path store = settings.storeFile();
        for (Path file : SqliteStore.filesWithPayloads(store)) {
            try {
                if (PrivateFile.isReadableByAll(file)) {
                    fault(file
                            + " can be read by every user of this machine, and payloads in it are not sealed; chmod 600 "
                            + store + "* and chmod 700 its folder");
                    return;
                }
            } catch (IOException e) {
                fault(file + " cannot be checked: " + e.getMessage());
            }
        }
    }

    /** Refuses a remote database without TLS. */
    private void database() {
        settings.postgres()
                .filter(address -> !address.isSafe())
                .ifPresent(address -> fault(
                        "webhooks.store.url leads to another machine and does not ask for TLS; add ?sslmode=verify-full, or"
                                + " at least sslmode=require"));
    }

    /** Refuses remote JMX without password or TLS, which allows code execution. */
    private void remoteJmx() {
        String port = jvm.property(JMX + "port");
        boolean open = jvm.property(JMX + "authenticate").equalsIgnoreCase("false")
                || jvm.property(JMX + "ssl").equalsIgnoreCase("false");
        if (!port.isEmpty() && open && !LOOPBACK.contains(jvm.property(JMX + "host"))) {
            fault("remote JMX on port " + port + " lacks a password or TLS; leave out " + JMX
                    + "authenticate=false and " + JMX + "ssl=false, or set " + JMX + "host=127.0.0.1");
        }
    }

    /** Refuses Camel's developer profile, which enables several of these. */
    private void camelsProfile() {
        if (settings.values(CAMELS_PROFILE).anyMatch("dev"::equals)) {
            fault(CAMELS_PROFILE
                    + " is dev, which shows what passes and lets routes be changed from outside; leave it out");
        }
    }

    private void dumpedRoutes() {
        if (settings.values(DUMPED_ROUTES).anyMatch(how -> !how.isEmpty() && !how.equalsIgnoreCase("false"))) {
            fault(DUMPED_ROUTES + " writes routes to the log with the values of their placeholders; leave it out");
        }
    }

    /** Camel 4.18 leaves paths below a base path open (CVE-2026-40022), and checks no issuer of a token (CVE-2026-66908). */
    private void camelsAuthentication() {
        for (String server : List.of("camel.server.", "camel.management.")) {
            if (!settings.isOn(server + "authenticationEnabled")) {
                continue;
            }
            if (isSet(server + "jwtKeystorePath")) {
                fault(server
                        + "jwtKeystorePath accepts every token that a key in it has signed, for any audience; use "
                        + server + "basicPropertiesFile");
            }
            if (isSet(server + "path") && !isSet(server + "authenticationPath")) {
                fault(server + "path leaves the paths below it without authentication; set " + server
                        + "authenticationPath=/*");
            }
        }
    }

    private boolean isSet(String key) {
        return settings.values(key).anyMatch(value -> !value.isBlank() && !value.equals("/"));
    }

    private void debugger() {
        for (String argument : jvm.arguments()) {
            if (argument.startsWith("-agentlib:jdwp") || argument.startsWith("-Xrunjdwp")) {
                fault("a debugger may be attached, which reads every secret; leave out " + argument);
            }
        }
    }
}
