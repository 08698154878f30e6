package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.config.schema.Nearest;
import io.engagementwebhooks.deliver.kamelet.KameletDefinition;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads which Kamelets webhooks may use, and the operator's values of their properties. */
final class KameletReading {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,99}");
    private static final String FILE = ".kamelet.yaml";
    private static final List<String> FOLDERS = List.of("kamelet-catalog", "lib");
    private static final ClassLoader JAR = KameletReading.class.getClassLoader();

    private final Map<String, KameletDefinition> definitions = new TreeMap<>();
    private final List<String> faults;

    /**
     * Finds the definitions in {@code kamelet-catalog/}, {@code lib/} and the jar.
     *
     * @param names separated by commas
     */
    KameletReading(String names, Path folder, List<String> faults) {
        this.faults = faults;
        list(names).forEach(name -> {
            try {
                if (!NAME.matcher(name).matches()) {
                    throw new IllegalArgumentException("it is no name of a Kamelet; write one such as kafka-sink");
                }
                definitions.put(name, KameletDefinition.parse(name, file(name, folder)));
            } catch (IOException | IllegalArgumentException e) {
                faults.add(Kamelets.NAMES + ": Kamelet '" + name + "' cannot be used: " + e.getMessage());
            }
        });
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private static byte[] file(String name, Path folder) throws IOException {
        for (String each : FOLDERS) {
            Path file = folder.resolve(each).resolve(name + FILE);
            if (Files.exists(file)) {
                return Files.readAllBytes(file);
            }
        }
        try (InputStream in = JAR.getResourceAsStream("kamelets/" + name + FILE)) {
            if (in == null) {
                throw new IllegalArgumentException(
                        "no file " + name + FILE + " is in " + String.join("/, ", FOLDERS) + "/ or the jar");
            }
            return in.readAllBytes();
        }
    }

    /** The settings of all properties of these Kamelets. */
    Set<String> keys() {
        return definitions.values().stream()
                .flatMap(each ->
                        Stream.concat(each.properties().stream().map(name -> key(each, name)), Stream.of(open(each))))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String key(KameletDefinition definition, String property) {
        return Kamelets.VALUES + definition.name() + "." + property;
    }

    private static String open(KameletDefinition definition) {
        return Kamelets.VALUES + definition.name() + Kamelets.OPEN;
    }

    Kamelets read(Settings settings) {
        Map<String, Kamelets.Allowed> allowed = new HashMap<>();
        definitions.forEach((name, definition) -> {
            definition
                    .missing(JAR)
                    .ifPresent(artifacts -> faults.add(Kamelets.NAMES + ": Kamelet '" + name + "' needs " + artifacts
                            + "; put them, with the libraries that they need, into lib/"));
            Set<String> open = new TreeSet<>(list(settings.text(open(definition))));
            open.forEach(property -> checkOpen(definition, property));
            Map<String, Secret> values = new HashMap<>();
            definition.properties().forEach(property -> settings.secret(key(definition, property))
                    .ifPresent(value -> {
                        check(definition, property, value.reveal());
                        values.put(property, value);
                    }));
            definition
                    .required()
                    .filter(property -> !values.containsKey(property) && !open.contains(property))
                    .forEach(property -> faults.add(key(definition, property) + " is missing: Kamelet '" + name
                            + "' requires it; set it, or name it in " + open(definition)));
            allowed.put(name, new Kamelets.Allowed(definition, values, open));
        });
        return new Kamelets(allowed);
    }

    private void checkOpen(KameletDefinition definition, String property) {
        if (!definition.properties().contains(property)) {
            faults.add(open(definition) + ": the Kamelet has no property '" + property + "'"
                    + Nearest.question(property, definition.properties()));
        } else if (!definition.isOpenable(property)) {
            faults.add(
                    open(definition) + ": property '" + property
                            + "' cannot be open, since a value could name a server,"
                            + " a file or a class, stand in an expression, or be shown although it is a credential; set it here");
        }
    }

    private void check(KameletDefinition definition, String property, String value) {
        Optional<String> fault = value.contains("{{")
                ? Optional.of("holds '{{', which Camel would replace; write the value, file:PATH,"
                        + " or set the environment variable of this setting")
                : definition.isMisread(property, value)
                        ? Optional.of("holds a space, '&', '#', '%' or '+', which this Kamelet cannot take")
                        : definition.misfit(property, value);
        fault.ifPresent(rule -> faults.add(key(definition, property) + " " + rule));
    }
}
