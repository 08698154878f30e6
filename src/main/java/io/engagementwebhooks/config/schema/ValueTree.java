package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.YamlNode.Entries;
import io.engagementwebhooks.config.schema.YamlNode.Entry;
import io.engagementwebhooks.config.schema.YamlNode.Scalar;
import io.engagementwebhooks.config.schema.YamlNode.Sequence;
import io.engagementwebhooks.webhook.Shown;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes JSON of a definition, with placeholders replaced. A value that cannot be had is a fault, and null. Faults repeat
 * values only as written in the file.
 *
 * @param isOuter whether lists are left empty, since their items are definitions of their own
 * @param faulty gets the JSON Pointers of values that cannot be had
 */
record ValueTree(String resource, ParseContext reading, boolean isOuter, Set<String> faulty) {

    static final String QUOTE_IT = "write such a value in quotes: \"{{env:NAME}}\"";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=\\s]+");
    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]*");
    private static final String FILE = "file:";
    private static final String ENV = "env:";

    /** A value as it is written in the file. */
    private record Written(Scalar scalar, int line, String key, String pointer) {}

    ObjectNode object(Entries node, Rule rule, String pointer) {
        ObjectNode object = JSON.objectNode();
        Map<String, Integer> lines = new HashMap<>();
        for (Entry entry : node.entries()) {
            if (!(entry.key() instanceof Scalar key)) {
                fault(
                        entry.key().line(),
                        pointer,
                        "kind",
                        "a key is " + entry.key().kind(),
                        QUOTE_IT);
                continue;
            }
            String name = key.value();
            Integer first = lines.putIfAbsent(name, key.line());
            if (first != null) {
                String twice = "'" + Shown.of(name) + "' stands twice, first in line " + first;
                fault(key.line(), FaultCollector.pointer(pointer, name), "twice", twice, "keep one of them");
                continue;
            }
            String at = FaultCollector.pointer(pointer, name);
            object.set(
                    name,
                    rule.find(name)
                            .map(known -> value(entry.value(), known, key.line(), name, at))
                            .orElse(JSON.nullNode()));
        }
        return object;
    }

    private JsonNode value(YamlNode node, Rule rule, int line, String key, String pointer) {
        if (rule.isJson()) {
            return JsonTree.json(node);
        }
        if (node instanceof Entries entries) {
            return rule.isMapping() ? object(entries, rule, pointer) : JSON.objectNode();
        }
        if (node instanceof Scalar scalar) {
            return scalar(new Written(scalar, line, key, pointer), rule);
        }
        ArrayNode array = JSON.arrayNode();
        for (YamlNode item : isOuter || !rule.isList() ? List.<YamlNode>of() : ((Sequence) node).items()) {
            array.add(value(item, rule.items(), item.line(), key, pointer + "/" + array.size()));
        }
        return array;
    }

    private JsonNode scalar(Written written, Rule rule) {
        Scalar.Form form = written.scalar.form();
        if (form == Scalar.Form.TAGGED) {
            String starts = "'" + written.key + "' starts with '!', which YAML takes for a tag";
            fault(written, "kind", starts, "write the value in quotes");
        }
        return form == Scalar.Form.NOTHING || form == Scalar.Form.TAGGED
                ? JSON.nullNode()
                : replaced(written, rule).map(rule::typed).orElse(JSON.nullNode());
    }

    private Optional<String> replaced(Written written, Rule rule) {
        String text = written.scalar.value();
        if (reading.isLiteral() || !text.contains("{{") || rule.isLiteral()) {
            return Optional.of(text);
        }
        Matcher placeholder = PLACEHOLDER.matcher(text);
        if (!placeholder.find()) {
            return Optional.of(text);
        }
        String name = placeholder.group(1);
        if (!placeholder.matches()) {
            String holds = "' holds {{" + shownName(name) + "}} inside a longer text, where it is not replaced";
            fault(written, "'" + written.key + holds, "put the whole value into one variable or file");
            return Optional.empty();
        }
        Optional<String> value = rule.isBinary() && name.startsWith(FILE)
                ? content(name.substring(FILE.length()))
                : reading.placeholders().value(name);
        if (value.isEmpty()) {
            faultOfMissing(written, name);
        }
        return value;
    }

    /** A file that a placeholder names may hold bytes, or their Base64. */
    private Optional<String> content(String file) {
        return reading.placeholders()
                .value(FILE + file)
                .filter(text -> BASE64.matcher(text).matches())
                .or(() -> reading.placeholders().value(Placeholders.BYTES_OF_FILE + file));
    }

    private void faultOfMissing(Written written, String name) {
        String start = "'" + written.key + "': ";
        if (name.startsWith(ENV)) {
            String variable = shownVariable(name.substring(ENV.length()));
            fault(written, start + "environment variable '" + variable + "' is not set", "set it and start again");
        } else if (name.startsWith(FILE)) {
            fault(
                    written,
                    start + "file '" + shownPath(name.substring(FILE.length())) + "' cannot be read as a value",
                    "it must exist, be readable, be UTF-8 and at most 64 KiB");
        } else {
            fault(
                    written,
                    start + "property '" + Shown.of(name) + "' is not set",
                    "set it in application.properties, or write {{env:NAME}} for an environment variable");
        }
    }

    /** The text of a placeholder, which may be a key by mistake. */
    private static String shownName(String name) {
        int colon = name.indexOf(':') + 1;
        String what = name.substring(colon);
        return name.startsWith(ENV) ? ENV + shownVariable(what) : Shown.of(name.substring(0, colon)) + Shown.of(what);
    }

    /** Each of its names as it may be shown, so that it can be found. */
    private static String shownPath(String path) {
        return Arrays.stream(path.split("/", -1)).map(Shown::of).collect(Collectors.joining("/"));
    }

    private static String shownVariable(String variable) {
        return VARIABLE.matcher(variable).matches() ? variable : Shown.of(variable);
    }

    private void fault(Written written, String rule, String wayOut) {
        fault(written, "placeholder", rule, wayOut);
    }

    private void fault(Written written, String code, String rule, String wayOut) {
        faulty.add(written.pointer);
        fault(written.line, written.pointer, code, rule, wayOut);
    }

    private void fault(int line, String pointer, String code, String rule, String wayOut) {
        reading.faults().add(line, pointer, code, resource, rule, wayOut);
    }
}
