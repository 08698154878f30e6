package io.engagementwebhooks.testkit;

import io.engagementwebhooks.operate.SetUpInUse;
import io.engagementwebhooks.webhook.setup.SetUpStatus;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The one product of this process and the accounts in it; tests get theirs by {@link RunningProduct#shared}. Its
 * configuration file holds the accounts of the tests that run now. Thread-safe.
 */
final class SharedProduct {

    private static final List<Tenant> TENANTS = new ArrayList<>();
    private static RunningProduct product;
    private static int added;

    private SharedProduct() {}

    static synchronized RunningProduct product() {
        return product;
    }

    static synchronized Tenant add(String webhooksYaml) {
        Tenant tenant = new Tenant("-" + ++added);
        tenant.read(webhooksYaml);
        TENANTS.add(tenant);
        try {
            if (product == null) {
                start();
            } else {
                reread();
            }
        } catch (RuntimeException e) {
            TENANTS.remove(tenant);
            throw e;
        }
        return tenant;
    }

    private static void start() {
        try {
            Path folder = Files.createTempDirectory("shared-product");
            // each webhook of every test has meters of its own
            product = RunningProduct.start(folder, text(), "webhooks.metrics.webhooks=0");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(folder)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void stop(Path folder) {
        product.close();
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void reread() {
        product.setUp(text());
        SetUpInUse config = product.part("setUp", SetUpInUse.class);
        config.reread();
        SetUpStatus status = config.status();
        if (status.state() != SetUpStatus.State.CURRENT) {
            throw new IllegalArgumentException(status.summary() + " " + status.faults());
        }
    }

    private static String text() {
        List<Node> accounts = new ArrayList<>();
        TENANTS.forEach(tenant -> accounts.addAll(tenant.accounts));
        Node all = new MappingNode(
                Tag.MAP,
                List.of(new NodeTuple(
                        new ScalarNode(Tag.STR, "accounts", null, null, DumperOptions.ScalarStyle.PLAIN),
                        new SequenceNode(Tag.SEQ, accounts, DumperOptions.FlowStyle.BLOCK))),
                DumperOptions.FlowStyle.BLOCK);
        DumperOptions options = new DumperOptions();
        options.setWidth(Integer.MAX_VALUE);
        StringWriter text = new StringWriter();
        new Yaml(options).serialize(all, text);
        return text.toString();
    }

    /** The accounts of one test. */
    static final class Tenant {

        private final String suffix;
        private final Map<String, String> keys = new LinkedHashMap<>();
        private List<Node> accounts = List.of();

        private Tenant(String suffix) {
            this.suffix = suffix;
        }

        String account(String inText) {
            return inText + suffix;
        }

        String key(String inText) {
            return keys.getOrDefault(inText, inText);
        }

        void change(String webhooksYaml) {
            synchronized (SharedProduct.class) {
                read(webhooksYaml);
                reread();
            }
        }

        void close() {
            synchronized (SharedProduct.class) {
                // the next one that comes reads the file without it
                TENANTS.remove(this);
            }
        }

        private void read(String webhooksYaml) {
            MappingNode file = (MappingNode) new Yaml().compose(new StringReader(webhooksYaml));
            accounts = ((SequenceNode) member(file, "accounts")).getValue();
            for (Node account : accounts) {
                rename((MappingNode) account, "id");
                if (member((MappingNode) account, "apiKeys") instanceof SequenceNode apiKeys) {
                    for (Node key : apiKeys.getValue()) {
                        String inText = rename((MappingNode) key, "key");
                        keys.put(inText, inText + suffix);
                    }
                }
            }
        }

        private static Node member(MappingNode map, String name) {
            return map.getValue().stream()
                    .filter(entry ->
                            ((ScalarNode) entry.getKeyNode()).getValue().equals(name))
                    .map(NodeTuple::getValueNode)
                    .findFirst()
                    .orElse(null);
        }

        private String rename(MappingNode map, String name) {
            ScalarNode former = (ScalarNode) member(map, name);
            List<NodeTuple> entries = new ArrayList<>(map.getValue());
            entries.replaceAll(entry -> entry.getValueNode() != former
                    ? entry
                    : new NodeTuple(
                            entry.getKeyNode(),
                            new ScalarNode(
                                    Tag.STR,
                                    former.getValue() + suffix,
                                    null,
                                    null,
                                    DumperOptions.ScalarStyle.DOUBLE_QUOTED)));
            map.setValue(entries);
            return former.getValue();
        }
    }
}
