package io.engagementwebhooks.operate.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.config.schema.Nearest;
import io.engagementwebhooks.ledger.BundledFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.main.MainHelper;

/** The settings of camel-main, as its own metadata names them. Thread-safe. */
final class CamelSettings {

    private static final String METADATA = "/META-INF/camel-main-configuration-metadata.json";

    /** Groups in which Camel accepts any name; components, data formats and languages have their own. */
    private static final Set<String> OPEN = Set.of(
            "beans",
            "component",
            "context",
            "dataformat",
            "devconsole",
            "globaloptions",
            "jbang",
            "kamelet",
            "language",
            "routetemplate",
            "variable");

    /** Groups whose members a user names. */
    private static final Set<String> WITH_NAMES = Set.of(
            "camel.beans",
            "camel.component",
            "camel.dataformat",
            "camel.devconsole",
            "camel.globaloptions",
            "camel.kamelet",
            "camel.language",
            "camel.variable");

    /** The beginnings of keys whose rest is a name, with any dots. */
    private static final List<String> NAMES = List.of("camel.globaloptions.", "camel.variable.");

    /** An index or a segment. */
    private static final Pattern PART = Pattern.compile("\\[[^\\]]*]?|\\.?[^.\\[]+|\\.");

    private final Map<String, Option> options = new TreeMap<>();
    private final Set<String> groups;

    /**
     * A setting.
     *
     * @param name as Camel writes it
     * @param javaType of its value
     */
    record Option(String name, String javaType) {

        boolean isMap() {
            return javaType.equals("java.util.Map");
        }
    }

    private CamelSettings(JsonNode metadata) {
        for (JsonNode option : metadata.path("properties")) {
            String name = option.path("name").asText();
            options.put(
                    PropertyLayers.plain(name),
                    new Option(name, option.path("javaType").asText()));
        }
        groups = options.values().stream().map(option -> group(option.name())).collect(Collectors.toSet());
    }

    /** Loaded on the first lookup of a setting without default. */
    private static final class Known {
        static final CamelSettings KEYS = new CamelSettings(BundledFile.json(METADATA));
    }

    /** The group: the text between the first and the second dot, without an index such as {@code [id]}. */
    private static String group(String key) {
        String rest = key.substring(Settings.CAMEL.length());
        return PropertyLayers.plain(
                rest.substring(0, Math.max(0, rest.indexOf('.'))).replaceFirst("\\[.*", ""));
    }

    /**
     * Whether Camel takes both keys for one setting. They may differ in case and dashes, except in names that a user
     * chose, such as those of beans and of the members of maps.
     */
    static boolean isSame(String key, String other) {
        return key.equals(other)
                || PropertyLayers.plain(key).equals(PropertyLayers.plain(other))
                        && folded(key).equals(folded(other));
    }

    private static String folded(String key) {
        StringBuilder folded = new StringBuilder();
        Matcher part = PART.matcher(key);
        while (part.find()) {
            boolean isName = part.group().startsWith("[") || takesName(folded.toString());
            folded.append(isName ? part.group() : PropertyLayers.plain(part.group()));
        }
        return folded.toString();
    }

    /** Whether a name that a user chose follows. @param beginning of a key, folded */
    private static boolean takesName(String beginning) {
        Option option = Known.KEYS.options.get(beginning);
        return WITH_NAMES.contains(beginning)
                || NAMES.stream().anyMatch(beginning::startsWith)
                || option != null && option.isMap();
    }

    /** Whether the setting's group is one of camel-main. */
    static boolean isOfKnownGroup(String key) {
        return OPEN.contains(group(key)) || Known.KEYS.groups.contains(group(key));
    }

    /** Faults by keys that Camel does not know. */
    static Map<String, String> unknown(Collection<String> keys) {
        Map<String, String> faults = new TreeMap<>();
        for (String key : keys) {
            if (!OPEN.contains(group(key)) && Known.KEYS.find(key).isEmpty()) {
                faults.put(key, Known.KEYS.fault(key));
            }
        }
        return faults;
    }

    /** The setting of a key; empty if unknown or of a group that accepts any name. */
    static Optional<Option> option(String key) {
        return OPEN.contains(group(key)) ? Optional.empty() : Known.KEYS.find(key);
    }

    /** A key may include a map's member, such as {@code camel.rest.corsHeaders[name]}. */
    private Optional<Option> find(String key) {
        String plain = PropertyLayers.plain(key);
        Option whole = options.get(plain);
        if (whole != null) {
            return Optional.of(whole);
        }
        return options.entrySet().stream()
                .filter(option -> option.getValue().isMap())
                .filter(option -> plain.startsWith(option.getKey() + "[") || plain.startsWith(option.getKey() + "."))
                .map(option -> new Option(option.getValue().name(), "java.lang.Object"))
                .findFirst();
    }

    private String fault(String key) {
        List<String> names = options.values().stream().map(Option::name).toList();
        if (group(key).isEmpty() || groups.contains(group(key))) {
            return "Camel has no setting '" + key + "'" + Nearest.question(key, names);
        }
        List<String> known = new ArrayList<>(OPEN);
        known.addAll(groups);
        return "Camel has no settings '" + Settings.CAMEL + group(key) + ".…'"
                + Nearest.to(group(key), known)
                        .map(near -> "; did you mean '" + Settings.CAMEL + near + ".…'?")
                        .orElse("");
    }

    /** The keys that environment variables set, by variable; without those that Camel ignores. */
    static Map<String, String> ofVariables(Collection<String> variables) {
        Map<String, String> keys = new TreeMap<>();
        for (String variable : variables) {
            String key = ofVariable(variable);
            if (!key.isEmpty()) {
                keys.put(variable, key);
            }
        }
        return keys;
    }

    private static String ofVariable(String variable) {
        Properties named = new Properties();
        MainHelper helper = new MainHelper();
        helper.addComponentEnvVariables(only(variable, "CAMEL_COMPONENT_"), named, false);
        helper.addDataFormatEnvVariables(only(variable, "CAMEL_DATAFORMAT_"), named, false);
        helper.addLanguageEnvVariables(only(variable, "CAMEL_LANGUAGE_"), named, false);
        if (!named.isEmpty()) {
            return named.stringPropertyNames().iterator().next();
        }
        for (Option option : Known.KEYS.options.values()) {
            if (squeezed(option.name()).equals(squeezed(variable))) {
                return option.name();
            }
        }
        String lower = variable.toLowerCase(Locale.ROOT).replace('_', '-').replaceFirst("-", ".");
        String key = lower.replaceFirst("-", ".");
        return Known.KEYS.groups.contains(group(key)) ? key : "";
    }

    private static Map<String, String> only(String variable, String prefix) {
        Map<String, String> one = new TreeMap<>();
        if (variable.startsWith(prefix)) {
            one.put(variable, variable);
        }
        return one;
    }

    private static String squeezed(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[._-]", "");
    }
}
