package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.config.schema.Nearest;
import io.engagementwebhooks.ledger.BundledFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The properties of the product and of Camel: the defaults in the jar, overlaid key by key. It knows the source of each
 * value. Not thread-safe until it is complete.
 */
public final class PropertyLayers {

    private final Properties defaults = BundledFile.properties(Settings.DEFAULTS);
    private final Properties properties = new Properties();
    private final Map<String, String> places = new HashMap<>();
    private final Set<String> known;

    PropertyLayers() {
        properties.putAll(defaults);
        known = new TreeSet<>(defaults.stringPropertyNames());
    }

    /** The keys that have a default, and those that follow from other settings. */
    Set<String> known() {
        return Collections.unmodifiableSet(known);
    }

    /** Adds keys that follow from another setting. */
    void know(Set<String> keys) {
        known.addAll(keys);
    }

    /** Overlays a file. @return its own properties @throws IllegalArgumentException if it is no file of properties */
    Properties addFile(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        Properties own = new Properties();
        own.load(new StringReader(text));
        Map<String, Integer> lines = PropertyFileLines.of(text);
        own.stringPropertyNames().forEach(key -> set(key, own.getProperty(key), file + ":" + lines.get(key) + ": "));
        return own;
    }

    /** Overlays the environment variables that are named like settings. @return warnings of the others */
    List<String> addEnvironment(Map<String, String> environment) {
        for (String key : known()) {
            String variable = environment.get(Settings.variable(key));
            if (variable != null) {
                set(key, variable, "environment variable " + Settings.variable(key) + ": ");
            }
        }
        return new EnvironmentVariables(known()).read(environment, this);
    }

    /** Overlays those system properties that are settings. */
    void addSystem(Properties system) {
        for (String key : system.stringPropertyNames()) {
            if (key.startsWith(Settings.PREFIX) || key.startsWith(Settings.CAMEL)) {
                set(key, system.getProperty(key), "");
            }
        }
    }

    /**
     * Sets a value, replacing an earlier one, also of a key written with dashes or in another case, as Camel allows.
     *
     * @param place its source, such as {@code application.properties:3: }; empty: on the command line
     */
    void set(String key, String value, String place) {
        String name = key;
        if (key.startsWith(Settings.CAMEL)) {
            for (String other : properties.stringPropertyNames()) {
                name = other.startsWith(Settings.CAMEL) && CamelSettings.isSame(other, key) ? other : name;
            }
        }
        properties.setProperty(name, value);
        places.put(name, place);
    }

    /** Sets a value that follows from others. */
    void put(String key, String value) {
        properties.setProperty(key, value);
    }

    /** The source of a setting, such as {@code application.properties:3: }; empty for the command line and defaults. */
    String place(String key) {
        return places.getOrDefault(key, "");
    }

    String text(String key) {
        return properties.getProperty(key, "").trim();
    }

    /** The value in the jar. */
    String defaultText(String key) {
        return defaults.getProperty(key).trim();
    }

    /** The values of a key, also written with dashes or in another case. */
    Stream<String> values(String key) {
        return properties.entrySet().stream()
                .filter(set -> plain(set.getKey().toString()).equals(plain(key)))
                .map(set -> set.getValue().toString().strip());
    }

    public static String plain(String key) {
        return key.replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** The settings of Camel that differ from the defaults, by their keys. */
    Map<String, String> camels() {
        Map<String, String> given = new TreeMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith(Settings.CAMEL) && !text(key).equals(defaults.getProperty(key))) {
                given.put(key, text(key));
            }
        }
        return given;
    }

    /** A sentence for each key of the product that does not exist. */
    List<String> unknown() {
        return new TreeSet<>(properties.stringPropertyNames())
                .stream()
                        .filter(key -> key.startsWith(Settings.PREFIX) && !known.contains(key))
                        .map(key -> place(key) + "setting '" + key + "' does not exist" + Nearest.question(key, known))
                        .toList();
    }

    /** A sentence for each key that Camel does not know. */
    List<String> unknownToCamel() {
        Set<String> camels = new TreeSet<>(camels().keySet());
        camels.removeAll(known());
        // an embedding application has its own settings
        camels.retainAll(places.keySet());
        // so has a JVM: Camel and agents read further system properties
        camels.removeIf(key -> place(key).isEmpty() && !CamelSettings.isOfKnownGroup(key));
        return CamelSettings.unknown(camels).entrySet().stream()
                .map(fault -> place(fault.getKey()) + fault.getValue())
                .toList();
    }

    /** A sentence for a setting of Camel that the product sets itself, if it differs from the default. */
    List<String> withoutEffect(String setting, String instead) {
        return camels().keySet().stream()
                .filter(key -> CamelSettings.isSame(key, setting))
                .map(key -> place(key) + "setting '" + key + "' has no effect: " + instead)
                .toList();
    }

    /** All, as a copy. */
    Properties copy() {
        Properties copy = new Properties();
        copy.putAll(properties);
        return copy;
    }
}
