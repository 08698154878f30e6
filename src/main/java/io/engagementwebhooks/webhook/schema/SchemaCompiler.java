package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.schema.Expressions.Expression;
import io.engagementwebhooks.webhook.schema.SchemaNode.Keyword;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/** Compiles one JSON Schema: walks through its schemas, and compiles the keywords that hold further ones. For one use. */
final class SchemaCompiler {

    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    /** Characters of its JSON. */
    private static final int LARGEST = 64 << 10;

    /** Levels of arrays and objects. */
    private static final int DEEPEST = 32;

    private static final Set<String> REFUSED = Set.of(
            "$dynamicRef",
            "$dynamicAnchor",
            "$recursiveRef",
            "$recursiveAnchor",
            "$vocabulary",
            "unevaluatedItems",
            "unevaluatedProperties");

    private static final Map<String, String> FORMER = Map.of(
            "additionalItems", "write 'prefixItems' and 'items'",
            "dependencies", "write 'dependentRequired' or 'dependentSchemas'",
            "id", "leave it out");

    private final SchemaPart document;
    private final Map<String, BiPredicate<String, String>> own;
    private final References references;
    private final Expressions expressions = new Expressions();

    /** @param own keywords of the document's own: whether a text fits the keyword's value */
    SchemaCompiler(JsonNode document, Map<String, BiPredicate<String, String>> own) {
        this.own = own;
        this.document = new SchemaPart(document, "");
        this.references = new References(document);
    }

    DataSchema compile() throws SchemaRefusedException {
        checkDepth(document.json(), 0);
        int length = document.json().toString().length();
        if (length > LARGEST) {
            throw document.refused("has " + length + " characters", "at most " + LARGEST);
        }
        SchemaNode root = schema(document);
        return new DataSchema(root, references.resolve(this::schema));
    }

    Map<String, DataSchema> definitions() throws SchemaRefusedException {
        Map<String, DataSchema> definitions = new HashMap<>(Map.of("", compile()));
        document.json()
                .path("definitions")
                .fieldNames()
                .forEachRemaining(
                        name -> definitions.put(name, new DataSchema(references.at("/definitions/" + name), Map.of())));
        return definitions;
    }

    private void checkDepth(JsonNode node, int level) throws SchemaRefusedException {
        if (level > DEEPEST) {
            throw document.refused(
                    "nests more than " + DEEPEST + " levels", "put parts of it under $defs and refer to them");
        }
        for (JsonNode child : node) {
            checkDepth(child, level + 1);
        }
    }

    private SchemaNode schema(SchemaPart part) throws SchemaRefusedException {
        SchemaNode schema = new SchemaNode(part.pointer());
        references.add(part.pointer(), schema);
        if (part.json().isBoolean()) {
            if (!part.flag()) {
                schema.add((value, at, check) -> check.fault(at, "false", "must not be there"));
            }
            return schema;
        }
        if (!part.json().isObject()) {
            throw part.refused("is no schema", "write an object, true or false");
        }
        for (Map.Entry<String, SchemaPart> member : part.members().entrySet()) {
            keyword(schema, part, member.getKey(), member.getValue());
        }
        return schema;
    }

    /** A subschema that is applied to the same value. */
    private SchemaNode inPlace(SchemaNode schema, SchemaPart part) throws SchemaRefusedException {
        SchemaNode inner = schema(part);
        schema.addInPlace(inner);
        return inner;
    }

    /** @param parent the schema around the keyword */
    private void keyword(SchemaNode schema, SchemaPart parent, String name, SchemaPart value)
            throws SchemaRefusedException {
        if (REFUSED.contains(name)) {
            throw value.refused("is a keyword that is not taken", "leave it out");
        }
        if (FORMER.containsKey(name) && value.json().isContainerNode()) {
            throw value.refused("is a keyword of former drafts", FORMER.get(name));
        }
        switch (name) {
            case "$schema" -> checkDialect(value);
            case "$id" -> {
                if (!parent.pointer().isEmpty()) {
                    throw value.refused("makes another document of a part", "leave it out");
                }
            }
            case "$anchor" -> references.addAnchor(value.text(), parent.pointer());
            case "$defs", "definitions" -> {
                for (SchemaPart each : value.members().values()) {
                    schema(each);
                }
            }
            case "$ref" -> references.add(schema, value);
            case "type" -> schema.add(ValueKeywords.type(value));
            case "enum", "const" -> schema.add(ValueKeywords.oneOf(name, value));
            case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf" ->
                schema.add(ValueKeywords.number(name, value));
            case "minLength", "maxLength" -> schema.add(ValueKeywords.length(name, value.count()));
            case "pattern" -> schema.add(ValueKeywords.pattern(expressions.compile(value.text(), value)));
            case "minItems", "maxItems" ->
                schema.add(ValueKeywords.size(name, value.count(), JsonNode::isArray, "items"));
            case "minProperties", "maxProperties" ->
                schema.add(ValueKeywords.size(name, value.count(), JsonNode::isObject, "members"));
            case "uniqueItems" -> {
                if (value.flag()) {
                    schema.add(ValueKeywords.uniqueItems());
                }
            }
            case "items" -> schema.add(items(parent, value));
            case "prefixItems" -> schema.add(prefixItems(value));
            case "contains" -> schema.add(contains(parent, value));
            case "minContains", "maxContains" -> value.count();
            case "required" -> schema.add(ValueKeywords.required(value.texts()));
            case "properties" -> schema.add(properties(value));
            case "patternProperties" -> schema.add(patternProperties(value));
            case "additionalProperties" -> schema.add(additionalProperties(parent, value));
            case "propertyNames" -> schema.add(propertyNames(schema(value)));
            case "dependentRequired" -> {
                for (Map.Entry<String, SchemaPart> each : value.members().entrySet()) {
                    schema.add(ValueKeywords.dependentRequired(
                            each.getKey(), each.getValue().texts()));
                }
            }
            case "dependentSchemas" -> {
                for (Map.Entry<String, SchemaPart> each : value.members().entrySet()) {
                    schema.add(dependentSchema(each.getKey(), inPlace(schema, each.getValue())));
                }
            }
            case "allOf", "anyOf", "oneOf" -> schema.add(combination(schema, name, value));
            case "not" -> schema.add(not(inPlace(schema, value)));
            case "if" -> schema.add(condition(schema, parent, value));
            case "then", "else" -> {
                if (!parent.has("if")) {
                    schema(value);
                }
            }
            default -> {
                if (own.containsKey(name)) { // the specification lets a schema say more than validators know
                    schema.add(ValueKeywords.ofText(
                            name, own.get(name), value.json().asText()));
                }
            }
        }
    }

    private static void checkDialect(SchemaPart value) throws SchemaRefusedException {
        if (!value.text().replaceFirst("#$", "").equals(DIALECT)) {
            throw value.refused("names another dialect", "write " + DIALECT + " or leave it out");
        }
    }

    private Keyword items(SchemaPart parent, SchemaPart value) throws SchemaRefusedException {
        if (value.json().isArray()) {
            throw value.refused("is a list, as in former drafts", "write 'prefixItems'");
        }
        SchemaNode each = schema(value);
        int from = parent.json().path("prefixItems").size();
        return (data, at, check) -> {
            boolean fits = true;
            for (int i = from; data.isArray() && i < data.size() && (fits || !check.endsAtFirst()); i++) {
                fits &= each.check(data.get(i), at.item(i), check);
            }
            return fits;
        };
    }

    private List<SchemaNode> schemas(List<SchemaPart> parts) throws SchemaRefusedException {
        List<SchemaNode> schemas = new ArrayList<>();
        for (SchemaPart part : parts) {
            schemas.add(schema(part));
        }
        return schemas;
    }

    private Keyword prefixItems(SchemaPart value) throws SchemaRefusedException {
        List<SchemaNode> first = schemas(value.items());
        return (data, at, check) -> {
            boolean fits = true;
            for (int i = 0; data.isArray() && i < Math.min(first.size(), data.size()); i++) {
                fits &= first.get(i).check(data.get(i), at.item(i), check);
            }
            return fits;
        };
    }

    private Keyword contains(SchemaPart parent, SchemaPart value) throws SchemaRefusedException {
        SchemaNode wanted = schema(value);
        int least = parent.has("minContains") ? parent.member("minContains").count() : 1;
        int most = parent.has("maxContains") ? parent.member("maxContains").count() : Integer.MAX_VALUE;
        return (data, at, check) -> {
            if (!data.isArray()) {
                return true;
            }
            int found = 0;
            for (JsonNode item : data) {
                found += check.fits(wanted, item, at) ? 1 : 0;
            }
            return found >= least && found <= most
                    || check.fault(at, "contains", "must hold the items that 'contains' asks for");
        };
    }

    private Keyword properties(SchemaPart value) throws SchemaRefusedException {
        Map<String, SchemaNode> known = new LinkedHashMap<>();
        for (Map.Entry<String, SchemaPart> each : value.members().entrySet()) {
            known.put(each.getKey(), schema(each.getValue()));
        }
        return (data, at, check) -> {
            if (!data.isObject()) {
                return true;
            }
            check.step(known.size() / 4);
            boolean fits = true;
            for (Map.Entry<String, SchemaNode> each : known.entrySet()) {
                JsonNode member = data.get(each.getKey());
                if (member != null) {
                    fits &= each.getValue().check(member, at.member(each.getKey()), check);
                }
            }
            return fits;
        };
    }

    private Keyword patternProperties(SchemaPart value) throws SchemaRefusedException {
        Map<Expression, SchemaNode> known = new LinkedHashMap<>();
        for (Map.Entry<String, SchemaPart> each : value.members().entrySet()) {
            known.put(expressions.compile(each.getKey(), each.getValue()), schema(each.getValue()));
        }
        return (data, at, check) -> {
            boolean fits = true;
            for (Map.Entry<String, JsonNode> member : data.properties()) {
                for (Map.Entry<Expression, SchemaNode> each : known.entrySet()) {
                    if (each.getKey().finds(member.getKey(), check)) {
                        fits &= each.getValue().check(member.getValue(), at.unnamedMember(member.getKey()), check);
                    }
                }
            }
            return fits;
        };
    }

    /** Patterns beside it are compiled once more, and count once more. */
    private Keyword additionalProperties(SchemaPart parent, SchemaPart value) throws SchemaRefusedException {
        SchemaNode others = schema(value);
        boolean none = value.json().isBoolean() && !value.flag();
        Set<String> known = new HashSet<>();
        parent.json().path("properties").fieldNames().forEachRemaining(known::add);
        List<Expression> patterns = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each :
                parent.json().path("patternProperties").properties()) {
            patterns.add(expressions.compile(each.getKey(), value));
        }
        return (data, at, check) -> {
            boolean fits = true;
            for (Map.Entry<String, JsonNode> member : data.properties()) {
                String name = member.getKey();
                check.step(1);
                if (known.contains(name) || patterns.stream().anyMatch(each -> each.finds(name, check))) {
                    continue;
                }
                if (none) {
                    return check.fault(at, "additionalProperties", "has a member that the schema does not allow");
                }
                fits &= others.check(member.getValue(), at.unnamedMember(member.getKey()), check);
            }
            return fits;
        };
    }

    private static Keyword propertyNames(SchemaNode names) {
        return (data, at, check) -> {
            for (Map.Entry<String, JsonNode> member : data.properties()) {
                JsonNode name = TextNode.valueOf(member.getKey());
                if (!check.fits(names, name, at)) {
                    return check.fault(at, "propertyNames", "has a member whose name the schema does not allow");
                }
            }
            return true;
        };
    }

    private static Keyword dependentSchema(String name, SchemaNode then) {
        return (data, at, check) -> !data.has(name) || then.check(data, at, check);
    }

    private Keyword combination(SchemaNode schema, String name, SchemaPart value) throws SchemaRefusedException {
        List<SchemaNode> parts = schemas(value.items());
        if (parts.isEmpty()) {
            throw value.refused("is empty", "give it a schema");
        }
        parts.forEach(schema::addInPlace);
        return switch (name) {
            case "allOf" ->
                (data, at, check) -> {
                    boolean fits = true;
                    for (SchemaNode part : parts) {
                        fits &= part.check(data, at, check);
                        if (!fits && check.endsAtFirst()) {
                            return false;
                        }
                    }
                    return fits;
                };
            case "anyOf" ->
                (data, at, check) -> fitting(parts, data, at, check, 1) > 0
                        || check.fault(at, name, "must fit one of the schemas of 'anyOf'");
            default ->
                (data, at, check) -> fitting(parts, data, at, check, 2) == 1
                        || check.fault(at, name, "must fit exactly one of the schemas of 'oneOf'");
        };
    }

    /** How many of the schemas fit, at most {@code most}. Without a stream, whose frames would deepen the stack. */
    private static int fitting(List<SchemaNode> parts, JsonNode data, Place at, SchemaCheck check, int most) {
        int fitting = 0;
        for (SchemaNode part : parts) {
            if (check.fits(part, data, at) && ++fitting == most) {
                break;
            }
        }
        return fitting;
    }

    private static Keyword not(SchemaNode refused) {
        return (data, at, check) ->
                !check.fits(refused, data, at) || check.fault(at, "not", "must not fit the schema of 'not'");
    }

    private Keyword condition(SchemaNode schema, SchemaPart parent, SchemaPart value) throws SchemaRefusedException {
        SchemaNode condition = inPlace(schema, value);
        SchemaNode then = parent.has("then") ? inPlace(schema, parent.member("then")) : null;
        SchemaNode otherwise = parent.has("else") ? inPlace(schema, parent.member("else")) : null;
        return (data, at, check) -> {
            SchemaNode chosen = check.fits(condition, data, at) ? then : otherwise;
            return chosen == null || chosen.check(data, at, check);
        };
    }
}
