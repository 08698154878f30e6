package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.YamlNode.Entry;
import io.engagementwebhooks.config.schema.YamlNode.Scalar;
import io.engagementwebhooks.config.schema.YamlNode.Sequence;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.schema.DataSchema.Misfit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reports what of one definition does not fit the {@link Schema}, with lines, in the schema's words. For one use. */
final class Validation {

    private final Spot definition;
    private final String resource;
    private final ParseContext reading;

    /** Places whose fault is reported: a value or rule has one. */
    private final Set<String> reported;

    /**
     * A place in the definition.
     *
     * @param node as it is in the file; null: it is not there
     * @param value with its placeholders replaced
     * @param key the innermost key that it is under
     * @param line that of the key, of an item its own
     */
    record Spot(YamlNode node, JsonNode value, Rule rule, String key, int line, String pointer, boolean isItem) {

        Spot inner(String name) {
            if (node instanceof Sequence list) {
                int index = Integer.parseInt(name);
                YamlNode item = list.items().get(index);
                return new Spot(item, value.path(index), rule.items(), key, item.line(), pointer + "/" + name, true);
            }
            Entry entry = YamlNode.entry(node, name).orElse(null);
            return new Spot(
                    entry == null ? null : entry.value(),
                    value.path(name),
                    rule.find(name).orElse(null),
                    name,
                    entry == null ? node.line() : entry.key().line(),
                    FaultCollector.pointer(pointer, name),
                    false);
        }

        Spot at(List<String> path) {
            Spot spot = this;
            for (String name : path) {
                spot = spot.inner(name);
            }
            return spot;
        }

        String text() {
            return node instanceof Scalar scalar ? scalar.value() : "";
        }
    }

    /** @param faulty JSON Pointers of values whose fault is reported already */
    Validation(Spot definition, String resource, ParseContext reading, Set<String> faulty) {
        this.definition = definition;
        this.resource = resource;
        this.reading = reading;
        this.reported = new HashSet<>(faulty);
    }

    /** Unknown keys first: the right ones may be missed for them. */
    void report(List<Misfit> misfits) {
        for (boolean isUnknown : List.of(true, false)) {
            misfits.stream()
                    .filter(each -> each.keyword().equals("additionalProperties") == isUnknown)
                    .forEach(this::report);
        }
        reported.forEach(pointer -> remove(JsonPointer.compile(pointer)));
    }

    /** Removes a value that does not fit, so that it is not read; of a list all. */
    private void remove(JsonPointer pointer) {
        JsonNode outer = definition.value.at(pointer.head());
        if (outer instanceof ObjectNode object) {
            object.remove(pointer.last().getMatchingProperty());
        } else if (outer.isArray()) {
            remove(pointer.head());
        }
    }

    private void report(Misfit misfit) {
        Spot spot = definition.at(misfit.path());
        switch (misfit.keyword()) {
            case "additionalProperties" -> refuseUnknown(spot);
            case "required", "false" -> new KeyFault(this, definition, misfit).report(spot);
            case "bound" -> fault(spot, "too-large", misfit.rule(), "shorten it");
            default -> {
                if (!isKept(spot) && reported.add(spot.pointer)) {
                    new ValueFault(this, spot, misfit).report();
                }
            }
        }
    }

    private void refuseUnknown(Spot mapping) {
        mapping.value.fieldNames().forEachRemaining(key -> {
            if (mapping.rule.find(key).isEmpty()) {
                String wayOut = Nearest.to(key, mapping.rule.keys())
                        .map(nearest -> "did you mean '" + nearest + "'?")
                        .or(() -> Schema.onlyHolderOf(key).map(holder -> "it is a key of " + holder))
                        .orElse("known here: " + String.join(", ", mapping.rule.keys()));
                fault(mapping.inner(key), "unknown", "unknown key '" + Shown.of(key) + "'", wayOut);
            }
        });
    }

    /** Whether the fault of a place or rule is the first one. */
    boolean isFirst(String pointer) {
        return reported.add(pointer);
    }

    private boolean isKept(Spot spot) {
        return spot.rule.format().equals("name")
                && !spot.text().isEmpty()
                && spot.text().equals(reading.kept());
    }

    /** @param code the kind of fault in one word, for which forms have their own text */
    void fault(Spot spot, String code, String rule, String wayOut) {
        reading.faults().add(spot.line, spot.pointer, code, resource, rule, wayOut);
    }
}
