package io.engagementwebhooks.testkit;

import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The accounts that tests have added to a product: its configuration file has those of the running tests, with unique
 * names and keys. Thread-safe.
 */
final class Tenants {

    private static final AtomicInteger ADDED = new AtomicInteger();

    private final RunningProduct product;
    private final List<Tenant> all = new ArrayList<>();
    private String base = "";

    Tenants(RunningProduct product) {
        this.product = product;
    }

    /** The rest of the file. */
    synchronized void base(String webhooksYaml) {
        base = webhooksYaml;
    }

    synchronized Tenant add(String webhooksYaml) {
        Tenant tenant = new Tenant("-" + ADDED.incrementAndGet());
        tenant.read(webhooksYaml);
        all.add(tenant);
        try {
            product.reread();
        } catch (RuntimeException e) {
            all.remove(tenant);
            throw e;
        }
        return tenant;
    }

    synchronized void change(Tenant tenant, String webhooksYaml) {
        List<Node> former = tenant.accounts;
        tenant.read(webhooksYaml);
        try {
            product.reread();
        } catch (RuntimeException e) {
            tenant.accounts = former;
            product.reread();
            throw e;
        }
    }

    /** Removed from the file when the next one is added; at once if it uses files, which the test deletes. */
    synchronized void remove(Tenant tenant) {
        all.remove(tenant);
        if (tenant.namesFiles) {
            product.reread();
        }
    }

    /** The text of the configuration file. */
    synchronized String text() {
        if (all.isEmpty()) {
            return base;
        }
        MappingNode file = (MappingNode) new Yaml().compose(new StringReader(base));
        SequenceNode accounts = (SequenceNode) member(file, "accounts");
        all.forEach(tenant -> accounts.getValue().addAll(tenant.accounts));
        DumperOptions options = new DumperOptions();
        options.setWidth(Integer.MAX_VALUE);
        StringWriter text = new StringWriter();
        new Yaml(options).serialize(file, text);
        return text.toString();
    }

    private static Node member(MappingNode map, String name) {
        return map.getValue().stream()
                .filter(entry -> ((ScalarNode) entry.getKeyNode()).getValue().equals(name))
                .map(NodeTuple::getValueNode)
                .findFirst()
                .orElse(null);
    }

    /** The accounts of one test. */
    static final class Tenant {

        private final String suffix;
        private final Map<String, String> keys = new LinkedHashMap<>();
        private List<Node> accounts = List.of();
        private boolean namesFiles;

        private Tenant(String suffix) {
            this.suffix = suffix;
        }

        String account(String inText) {
            return inText + suffix;
        }

        String key(String inText) {
            return keys.getOrDefault(inText, inText);
        }

        private void read(String webhooksYaml) {
            MappingNode file = (MappingNode) new Yaml().compose(new StringReader(webhooksYaml));
            if (file.getValue().size() != 1) {
                throw new IllegalArgumentException("added to a product are accounts alone: " + webhooksYaml);
            }
            accounts = ((SequenceNode) member(file, "accounts")).getValue();
            namesFiles |= webhooksYaml.contains("{{file:");
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
