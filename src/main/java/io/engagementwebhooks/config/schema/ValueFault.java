package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.config.schema.Validation.Spot;
import io.engagementwebhooks.config.schema.YamlNode.Entries;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.schema.DataSchema.Misfit;
import java.util.List;
import java.util.TreeSet;

/** The fault of a value. Secret ones are not repeated. */
final class ValueFault {

    private final Validation validation;
    private final Spot spot;
    private final Misfit misfit;
    private final Rule rule;
    private final String subject;

    /** What the schema that does not fit says. */
    private final JsonNode schema;

    ValueFault(Validation validation, Spot spot, Misfit misfit) {
        this.validation = validation;
        this.spot = spot;
        this.misfit = misfit;
        this.rule = spot.rule();
        this.subject = "'" + spot.key() + "'";
        this.schema = Schema.at(misfit.schema());
    }

    void report() {
        switch (misfit.keyword()) {
            case "minItems", "minProperties" -> fault("empty", subject + " is empty", rule.hint());
            case "maxItems" -> {
                String many = subject + " has " + spot.value().size() + " items";
                fault("too-many", many, "at most " + schema.path("maxItems").asText());
            }
            default -> {
                if (spot.value().isNull() && !spot.isItem()) {
                    fault("required", subject + " has no value", "give it one, or leave the key out");
                } else if (spot.value().isNull() || spot.value().isContainerNode() || !rule.isSingle()) {
                    ofKind();
                } else {
                    ofText();
                }
            }
        }
    }

    private void ofKind() {
        if (spot.isItem()) {
            fault("kind", "an item of " + subject + " is " + spot.node().kind(), ofUnquoted("it is a text"));
            return;
        }
        String kinds = rule.isList()
                ? "it is a list: items start with '- '"
                : rule.isSingle() ? ofUnquoted("it is a single value") : "it is a mapping of 'key: value'";
        fault("kind", subject + " is " + spot.node().kind(), kinds);
    }

    /** A hint if YAML reads an unquoted placeholder as a nested mapping. */
    private String ofUnquoted(String otherwise) {
        boolean isUnquoted = spot.node() instanceof Entries mapping
                && mapping.entries().stream().anyMatch(entry -> entry.key() instanceof Entries);
        return isUnquoted ? ValueTree.QUOTE_IT : otherwise;
    }

    private void ofText() {
        switch (misfit.keyword()) {
            case "not" -> {
                boolean isWord = !schema.path("not").has("pattern");
                described(isWord ? "refused" : "pattern", said(isWord ? "is not taken" : null), rule.hint());
            }
            case "maxLength" -> {
                String longer = "is longer than " + schema.path("maxLength").asText() + " characters";
                described("too-long", longer, rule.hint());
            }
            case "enum" -> ofWords(Rule.texts(schema.path("enum")));
            case "type", "minimum", "maximum" -> {
                if (rule.isNumber()) {
                    described("number", "is no such number", number());
                } else {
                    ofWords(List.of("false", "true"));
                }
            }
            default -> ofFormat();
        }
    }

    private void ofWords(List<String> words) {
        described("unknown-value", "is not known", "known: " + String.join(", ", new TreeSet<>(words)));
    }

    private void ofFormat() {
        if (misfit.keyword().equals("x-least") || misfit.keyword().equals("x-most")) {
            String bounds = "from " + bound("x-least") + " to " + bound("x-most");
            fault("out-of-bounds", start() + "out of its bounds", bounds);
            return;
        }
        switch (rule.format()) {
            case "duration" -> ofFormat("duration", "write 300ms, 5s, 1m, 2h or 7d");
            case "time" -> ofFormat("time", "write 2027-01-31T12:00:00Z or 2027-01-31");
            case "day" -> ofFormat("day", rule.hint());
            case "zone" -> ofFormat("time zone", rule.hint());
            default -> {
                if (misfit.keyword().equals("x-format")) {
                    ofName();
                } else if (spot.value().asText().isBlank()) {
                    fault("required", subject + " is empty", rule.hint());
                } else {
                    described("pattern", said("does not have the form that it must have"), rule.hint());
                }
            }
        }
    }

    private String said(String otherwise) {
        return rule.said("x-fault").asText(otherwise);
    }

    private void ofFormat(String what, String wayOut) {
        fault(rule.format(), start() + "not a " + what, wayOut);
    }

    private void ofName() {
        String name = spot.value().asText();
        Formats.hidden(name)
                .ifPresentOrElse(
                        hidden -> fault(
                                "hidden-character",
                                subject + " holds " + hidden + ", which cannot be seen in a name",
                                "remove it"),
                        () -> fault(
                                "not-nfc",
                                subject + " is not in Unicode Normalization Form C",
                                "write it as " + Formats.nfc(name)));
    }

    private String bound(String keyword) {
        return Durations.text(Durations.parse(rule.said(keyword).asText()));
    }

    private String number() {
        String most = rule.said("maximum").asText();
        String least = rule.said("minimum").asText();
        return rule.said("x-hint")
                .asText("a whole number, " + (most.isEmpty() ? "at least " + least : "from " + least + " to " + most));
    }

    private String start() {
        return subject + (spot.isItem() ? " holds '" : " is '") + Shown.of(spot.text()) + "', ";
    }

    private void described(String code, String what, String wayOut) {
        fault(code, rule.isSecret() ? subject + " " + what : start() + "which " + what, wayOut);
    }

    private void fault(String code, String text, String wayOut) {
        validation.fault(spot, code, text, wayOut);
    }
}
