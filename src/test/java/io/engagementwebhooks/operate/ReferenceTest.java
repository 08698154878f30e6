package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.operate.jmx.ManagementBeans;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** docs/reference.md says what the product has: settings, metrics (see MonitoringTest), MBeans. */
@Timeout(120)
class ReferenceTest {

    private static final Path DEFAULTS = Path.of("application.properties");

    private record Setting(String key, String value, String words) {}

    /** Words in front of a setting tell of that one alone. */
    private static List<Setting> settings() throws IOException {
        List<Setting> settings = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (String line : Files.readAllLines(DEFAULTS)) {
            if (line.startsWith("#")) {
                words.add(line.substring(1).strip());
                continue;
            }
            if (!line.isBlank()) {
                int equals = line.indexOf('=');
                settings.add(
                        new Setting(line.substring(0, equals), line.substring(equals + 1), String.join(" ", words)));
            }
            words.clear();
        }
        return settings;
    }

    @Test
    void each_setting_has_a_description() throws IOException {
        Map<String, List<String>> keys = settings().stream()
                .collect(Collectors.groupingBy(
                        Setting::words, TreeMap::new, Collectors.mapping(Setting::key, Collectors.toList())));
        assertEquals(List.of(), keys.getOrDefault("", List.of()), "nothing is said of them");
        keys.values().removeIf(those -> those.size() == 1);
        assertEquals(Map.of(), keys, "the same is said of them");
    }

    @Test
    void it_lists_every_setting() throws IOException {
        StringBuilder list = new StringBuilder();
        for (Setting setting : settings()) {
            list.append("- `%s`%s: %s\n"
                    .formatted(
                            setting.key,
                            setting.value.isEmpty() ? "" : " (`" + setting.value + "`)",
                            setting.words.replace("<", "&lt;")));
        }
        ReferencePage.assertSection("settings", list.toString());
    }

    @Test
    void every_setting_that_the_code_reads_has_a_default_and_a_description() throws IOException {
        Set<String> keys = settings().stream().map(Setting::key).collect(Collectors.toSet());
        Pattern literal = Pattern.compile("\"(webhooks\\.(?!db\")(?:[a-z]+[.-])*[a-z]+)\"");
        Set<String> read = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java/io/engagementwebhooks/operate"))) {
            for (Path file : files.filter(path -> path.toString().matches(".*Settings\\.java"))
                    .toList()) {
                Matcher matcher = literal.matcher(Files.readString(file));
                while (matcher.find()) {
                    read.add(matcher.group(1));
                }
            }
        }
        assertTrue(read.size() > 20, read::toString);
        read.removeAll(keys);
        assertTrue(read.isEmpty(), () -> "not in application.properties: " + read);
    }

    @Test
    void it_lists_every_mbean_with_its_attributes_and_operations() throws Exception {
        String config = "accounts: [{id: acme, apiKeys: [{name: staff, role: admin, key: a-key-of-acme}]}]\n";
        try (RunningProduct product = RunningProduct.shared(config)) {
            ReferencePage.assertSection("beans", beans(product.camel().getName()));
        }
    }

    private static String beans(String context) throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        Set<ObjectName> names = new TreeSet<>(server.queryNames(
                new ObjectName(ManagementBeans.DOMAIN + ":context=" + ObjectName.quote(context) + ",*"), null));
        StringBuilder text = new StringBuilder();
        for (ObjectName name : names) {
            MBeanInfo info = server.getMBeanInfo(name);
            text.append("\n### %s\n\n%s.\n\n".formatted(name.getKeyProperty("name"), info.getDescription()));
            Stream.<MBeanFeatureInfo>concat(Arrays.stream(info.getAttributes()), Arrays.stream(info.getOperations()))
                    .filter(each -> !each.getName().matches("(get|is)[A-Z].*"))
                    .sorted(Comparator.comparing(MBeanFeatureInfo::getName))
                    .forEach(each -> text.append("- `%s`: %s\n".formatted(each.getName(), each.getDescription())));
        }
        assertFalse(text.isEmpty());
        return text.append('\n').toString();
    }
}
