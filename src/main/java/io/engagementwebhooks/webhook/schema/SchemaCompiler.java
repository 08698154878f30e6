package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Compiles one JSON Schema. For one use. */
final class SchemaCompiler {

    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    /** Characters of its JSON. */
    private static final int LARGEST = 64 << 10;

    /** Levels of arrays and objects. */
    private static final int DEEPEST = 32;

    /** Schemas that apply to one value by references and combinations, one within the other. */
    private static final int LONGEST_CHAIN = 24;

    private static final int MOST_PATTERNS = 100;
    private static final int LONGEST_PATTERN = 1_000;

    /** Instructions of all patterns together. */
    private static final int LARGEST_PROGRAMS = 5_000;

    /** JSON Pointers have only the escapes ~0 and ~1; Jackson reads others too, so that one place would have many spellings. */
    private static final java.util.regex.Pattern OTHER_ESCAPE = java.util.regex.Pattern.compile("~(?![01])");

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

    private static final Set<String> TYPES =
            Set.of("null", "boolean", "object", "array", "number", "integer", "string");

    private final JsonNode document;
    private final Map<String, SchemaNode> byPointer = new LinkedHashMap<>();
    private final Map<String, JsonNode> parts = new HashMap<>();
    private final Map<String, String> anchors = new HashMap<>();
    private final List<Reference> references = new ArrayList<>();

    private final Map<String, JsonNode> targets = new HashMap<>();

    private int patterns;
    private int programs;

    /** One that is put in when all schemas are known. */
    private record Reference(SchemaNode from, String pointer, String target) {}

    SchemaCompiler(JsonNode document) {
        this.document = document;
    }

    DataSchema compile() throws SchemaRefusedException {
        checkDepth(document, 0);
        int length = document.toString().length();
        if (length > LARGEST) {
            throw refused("", "has " + length + " characters", "at most " + LARGEST);
        }
        SchemaNode root = schema(document, "");
        for (int i = 0; i < references.size(); i++) { // a target may hold more of them
            resolve(references.get(i));
        }
        Map<SchemaNode, Integer> chains = new HashMap<>();
        for (Map.Entry<String, SchemaNode> each : byPointer.entrySet()) {
            checkChain(each.getKey(), each.getValue(), chains);
        }
        return new DataSchema(root, targets);
    }

    private static SchemaRefusedException refused(String pointer, String rule, String wayOut) {
        return new SchemaRefusedException(pointer, rule, wayOut);
    }

    private static void checkDepth(JsonNode node, int level) throws SchemaRefusedException {
        if (level > DEEPEST) {
            throw refused(
                    "", "nests more than " + DEEPEST + " levels", "put parts of it under $defs and refer to them");
        }
        for (JsonNode child : node) {
            checkDepth(child, level + 1);
        }
    }

    private SchemaNode schema(JsonNode node, String pointer) throws SchemaRefusedException {
        SchemaNode schema = new SchemaNode();
        byPointer.put(pointer, schema);
        parts.put(pointer, node);
        if (node.isBoolean()) {
            if (!node.booleanValue()) {
                schema.add((value, at, check) -> check.fault(at, "false", "must not be there"));
            }
            return schema;
        }
        if (!node.isObject()) {
            throw refused(pointer, "is no schema", "write an object, true or false");
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            keyword(schema, node, member.getKey(), member.getValue(), pointer);
        }
        return schema;
    }

    private SchemaNode child(JsonNode node, String pointer, String... names) throws SchemaRefusedException {
        return schema(node, pointer(pointer, names));
    }

    private SchemaNode inPlace(SchemaNode schema, JsonNode node, String pointer, String... names)
            throws SchemaRefusedException {
        SchemaNode child = child(node, pointer, names);
        schema.addInPlace(child);
        return child;
    }

    private static String pointer(String pointer, String... names) {
        StringBuilder inner = new StringBuilder(pointer);
        for (String name : names) {
            inner.append('/').append(name.replace("~", "~0").replace("/", "~1"));
        }
        return inner.toString();
    }

    private void keyword(SchemaNode schema, JsonNode parent, String name, JsonNode value, String pointer)
            throws SchemaRefusedException {
        String here = pointer(pointer, name);
        if (REFUSED.contains(name)) {
            throw refused(here, "is a keyword that is not taken", "leave it out");
        }
        if (FORMER.containsKey(name) && value.isContainerNode()) {
            throw refused(here, "is a keyword of former drafts", FORMER.get(name));
        }
        switch (name) {
            case "$schema" -> dialect(value, here);
            case "$id" -> {
                if (!pointer.isEmpty()) {
                    throw refused(here, "makes another document of a part", "leave it out");
                }
            }
            case "$anchor" -> anchors.put(text(value, here), pointer);
            case "$defs", "definitions" -> {
                for (Map.Entry<String, JsonNode> each : object(value, here).properties()) {
                    child(each.getValue(), here, each.getKey());
                }
            }
            case "$ref" -> references.add(new Reference(schema, here, text(value, here)));
            case "type" -> type(schema, value, here);
            case "enum", "const" -> oneOfValues(schema, name, value, here);
            case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf" ->
                number(schema, name, value, here);
            case "minLength", "maxLength" -> length(schema, name, count(value, here));
            case "pattern" -> pattern(schema, value, here);
            case "minItems", "maxItems" -> count(schema, name, count(value, here), JsonNode::isArray, "items");
            case "minProperties", "maxProperties" ->
                count(schema, name, count(value, here), JsonNode::isObject, "members");
            case "uniqueItems" -> uniqueItems(schema, value, here);
            case "items" -> items(schema, parent, value, pointer);
            case "prefixItems" -> prefixItems(schema, value, here);
            case "contains" -> contains(schema, parent, value, pointer);
            case "minContains", "maxContains" -> count(value, here);
            case "required" -> required(schema, names(value, here));
            case "properties" -> properties(schema, object(value, here), here);
            case "patternProperties" -> patternProperties(schema, object(value, here), here);
            case "additionalProperties" -> additionalProperties(schema, parent, value, pointer);
            case "propertyNames" -> propertyNames(schema, child(value, here));
            case "dependentRequired" -> dependentRequired(schema, object(value, here), here);
            case "dependentSchemas" -> dependentSchemas(schema, object(value, here), here);
            case "allOf", "anyOf", "oneOf" -> combination(schema, name, value, here);
            case "not" -> not(schema, inPlace(schema, value, here));
            case "if" -> condition(schema, parent, value, pointer);
            case "then", "else" -> {
                if (!parent.has("if")) {
                    child(value, here);
                }
            }
            default -> {
                // the specification lets a schema say more than validators know
            }
        }
    }

    private static void dialect(JsonNode value, String here) throws SchemaRefusedException {
        if (!text(value, here).replaceFirst("#$", "").equals(DIALECT)) {
            throw refused(here, "names another dialect", "write " + DIALECT + " or leave it out");
        }
    }

    private static String text(JsonNode value, String here) throws SchemaRefusedException {
        if (!value.isTextual()) {
            throw refused(here, "is no text", "write a text");
        }
        return value.textValue();
    }

    private static JsonNode object(JsonNode value, String here) throws SchemaRefusedException {
        if (!value.isObject()) {
            throw refused(here, "is no object", "write an object");
        }
        return value;
    }

    private static int count(JsonNode value, String here) throws SchemaRefusedException {
        if (!value.isNumber()
                || !value.canConvertToExactIntegral()
                || value.decimalValue().signum() < 0) {
            throw refused(here, "is no whole number from 0", "write such a number");
        }
        return value.canConvertToInt() ? value.intValue() : Integer.MAX_VALUE;
    }

    private static List<String> names(JsonNode value, String here) throws SchemaRefusedException {
        List<String> names = new ArrayList<>();
        for (JsonNode name : array(value, here)) {
            names.add(text(name, here));
        }
        return names;
    }

    private static JsonNode array(JsonNode value, String here) throws SchemaRefusedException {
        if (!value.isArray()) {
            throw refused(here, "is no list", "write a list");
        }
        return value;
    }

    private static void type(SchemaNode schema, JsonNode value, String here) throws SchemaRefusedException {
        Set<String> types = new HashSet<>(value.isArray() ? names(value, here) : List.of(text(value, here)));
        if (types.isEmpty() || !TYPES.containsAll(types)) {
            throw refused(here, "is no type of JSON", "known: array, boolean, integer, null, number, object, string");
        }
        String rule =
                "must be of type " + String.join(" or ", types.stream().sorted().toList());
        schema.add((data, at, check) -> isOf(types, data, check) || check.fault(at, "type", rule));
    }

    private static boolean isOf(Set<String> types, JsonNode data, SchemaCheck check) {
        return switch (data.getNodeType()) {
            case OBJECT -> types.contains("object");
            case ARRAY -> types.contains("array");
            case STRING -> types.contains("string");
            case BOOLEAN -> types.contains("boolean");
            case NUMBER -> types.contains("number") || types.contains("integer") && JsonValues.isWhole(data, check);
            default -> types.contains("null");
        };
    }

    private static void oneOfValues(SchemaNode schema, String name, JsonNode value, String here)
            throws SchemaRefusedException {
        Set<String> known = new HashSet<>();
        SchemaCheck once = new SchemaCheck();
        try {
            if (name.equals("const")) {
                known.add(JsonValues.key(value, once));
            } else {
                for (JsonNode each : array(value, here)) {
                    known.add(JsonValues.key(each, once));
                }
            }
        } catch (SchemaCheck.Exceeded e) {
            throw refused(here, e.getMessage(), "write a shorter one");
        }
        String rule =
                name.equals("const") ? "must be the one value that is allowed" : "must be one of the values allowed";
        schema.add((data, at, check) -> known.contains(JsonValues.key(data, check)) || check.fault(at, name, rule));
    }

    private static void number(SchemaNode schema, String name, JsonNode value, String here)
            throws SchemaRefusedException {
        if (!value.isNumber()) {
            throw refused(here, "is no number", "write a number");
        }
        BigDecimal bound;
        try {
            bound = JsonValues.number(value, new SchemaCheck());
        } catch (SchemaCheck.Exceeded e) {
            throw refused(here, e.getMessage(), "write a shorter one");
        }
        if (name.equals("multipleOf") && bound.signum() <= 0) {
            throw refused(here, "is not above 0", "write such a number");
        }
        Predicate<BigDecimal> rule =
                switch (name) {
                    case "minimum" -> number -> number.compareTo(bound) >= 0;
                    case "exclusiveMinimum" -> number -> number.compareTo(bound) > 0;
                    case "maximum" -> number -> number.compareTo(bound) <= 0;
                    case "exclusiveMaximum" -> number -> number.compareTo(bound) < 0;
                    default -> number -> number.remainder(bound).signum() == 0;
                };
        String words =
                switch (name) {
                    case "minimum" -> "must be at least ";
                    case "exclusiveMinimum" -> "must be above ";
                    case "maximum" -> "must be at most ";
                    case "exclusiveMaximum" -> "must be below ";
                    default -> "must be a multiple of ";
                };
        schema.add((data, at, check) -> !data.isNumber()
                || rule.test(JsonValues.number(data, check))
                || check.fault(at, name, words + value.asText()));
    }

    private static void length(SchemaNode schema, String name, int bound) {
        boolean least = name.startsWith("min");
        String rule = "must have " + (least ? "at least " : "at most ") + bound + " characters";
        schema.add((data, at, check) -> {
            if (!data.isTextual()) {
                return true;
            }
            String text = data.textValue();
            check.step(text.length() / 64);
            int length = text.codePointCount(0, text.length());
            return (least ? length >= bound : length <= bound) || check.fault(at, name, rule);
        });
    }

    private static void count(SchemaNode schema, String name, int bound, Predicate<JsonNode> kind, String what) {
        boolean least = name.startsWith("min");
        String rule = "must have " + (least ? "at least " : "at most ") + bound + " " + what;
        schema.add((data, at, check) -> !kind.test(data)
                || (least ? data.size() >= bound : data.size() <= bound)
                || check.fault(at, name, rule));
    }

    /** A regular expression with what it costs. */
    private record Expression(Pattern pattern, int size) {

        boolean finds(String text, SchemaCheck check) {
            check.step(1 + (long) text.length() * size / 2);
            return pattern.matcher(text).find();
        }
    }

    private Expression expression(String text, String here) throws SchemaRefusedException {
        if (++patterns > MOST_PATTERNS) {
            throw refused(here, "is one regular expression too many", "at most " + MOST_PATTERNS + " in a schema");
        }
        if (text.length() > LONGEST_PATTERN) {
            throw refused(here, "is a long regular expression", "at most " + LONGEST_PATTERN + " characters");
        }
        ExpressionSize bound = new ExpressionSize(text, LARGEST_PROGRAMS - programs);
        if (!bound.isBounded()) {
            throw refused(
                    here,
                    "is too much for the regular expressions of one schema",
                    "repeat less often, such as {1,20}, and quote single characters only");
        }
        try {
            Pattern pattern = Pattern.compile(text);
            programs += (int) Math.max(bound.size(), pattern.programSize());
            return new Expression(pattern, pattern.programSize());
        } catch (PatternSyntaxException e) {
            throw refused(
                    here,
                    "is no regular expression that is taken: " + e.getDescription(),
                    "write it as RE2 has it, without back-references and lookaround");
        }
    }

    private void pattern(SchemaNode schema, JsonNode value, String here) throws SchemaRefusedException {
        Expression expression = expression(text(value, here), here);
        schema.add((data, at, check) -> !data.isTextual()
                || expression.finds(data.textValue(), check)
                || check.fault(at, "pattern", "must match the pattern"));
    }

    private static void uniqueItems(SchemaNode schema, JsonNode value, String here) throws SchemaRefusedException {
        if (!value.isBoolean()) {
            throw refused(here, "is neither true nor false", "write true or false");
        }
        if (!value.booleanValue()) {
            return;
        }
        schema.add((data, at, check) -> {
            Set<String> seen = new HashSet<>();
            if (data.isArray()) {
                for (JsonNode item : data) {
                    check.use(96);
                    if (!seen.add(JsonValues.key(item, check))) {
                        return check.fault(at, "uniqueItems", "must hold no item twice");
                    }
                }
            }
            return true;
        });
    }

    private void items(SchemaNode schema, JsonNode parent, JsonNode value, String pointer)
            throws SchemaRefusedException {
        if (value.isArray()) {
            throw refused(pointer(pointer, "items"), "is a list, as in former drafts", "write 'prefixItems'");
        }
        SchemaNode each = child(value, pointer, "items");
        int from = parent.path("prefixItems").size();
        schema.add((data, at, check) -> {
            boolean fits = true;
            for (int i = from; data.isArray() && i < data.size() && (fits || !check.endsAtFirst()); i++) {
                fits &= each.check(data.get(i), at.item(i), check);
            }
            return fits;
        });
    }

    private void prefixItems(SchemaNode schema, JsonNode value, String here) throws SchemaRefusedException {
        List<SchemaNode> first = new ArrayList<>();
        for (JsonNode item : array(value, here)) {
            first.add(child(item, here, Integer.toString(first.size())));
        }
        schema.add((data, at, check) -> {
            boolean fits = true;
            for (int i = 0; data.isArray() && i < Math.min(first.size(), data.size()); i++) {
                fits &= first.get(i).check(data.get(i), at.item(i), check);
            }
            return fits;
        });
    }

    private void contains(SchemaNode schema, JsonNode parent, JsonNode value, String pointer)
            throws SchemaRefusedException {
        SchemaNode wanted = child(value, pointer, "contains");
        int least = parent.has("minContains") ? count(parent.get("minContains"), pointer(pointer, "minContains")) : 1;
        int most = parent.has("maxContains")
                ? count(parent.get("maxContains"), pointer(pointer, "maxContains"))
                : Integer.MAX_VALUE;
        schema.add((data, at, check) -> {
            if (!data.isArray()) {
                return true;
            }
            int found = 0;
            for (JsonNode item : data) {
                found += check.fits(wanted, item, at) ? 1 : 0;
            }
            return found >= least && found <= most
                    || check.fault(at, "contains", "must hold the items that 'contains' asks for");
        });
    }

    private static void required(SchemaNode schema, List<String> names) {
        schema.add((data, at, check) -> !data.isObject() || hasAll(data, names, at, check, "required"));
    }

    private static boolean hasAll(JsonNode data, List<String> names, Place at, SchemaCheck check, String keyword) {
        check.step(names.size() / 4);
        boolean fits = true;
        for (String name : names) {
            if (!data.has(name)) {
                fits = check.fault(at.member(name), keyword, "must be there");
            }
        }
        return fits;
    }

    private void properties(SchemaNode schema, JsonNode value, String here) throws SchemaRefusedException {
        Map<String, SchemaNode> known = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : value.properties()) {
            known.put(each.getKey(), child(each.getValue(), here, each.getKey()));
        }
        schema.add((data, at, check) -> {
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
        });
    }

    private void patternProperties(SchemaNode schema, JsonNode value, String here) throws SchemaRefusedException {
        Map<Expression, SchemaNode> known = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : value.properties()) {
            known.put(
                    expression(each.getKey(), pointer(here, each.getKey())),
                    child(each.getValue(), here, each.getKey()));
        }
        schema.add((data, at, check) -> {
            boolean fits = true;
            for (Map.Entry<String, JsonNode> member : data.properties()) {
                for (Map.Entry<Expression, SchemaNode> each : known.entrySet()) {
                    if (each.getKey().finds(member.getKey(), check)) {
                        fits &= each.getValue().check(member.getValue(), at.unnamedMember(), check);
                    }
                }
            }
            return fits;
        });
    }

    /** Patterns beside it are compiled once more, and count once more. */
    private void additionalProperties(SchemaNode schema, JsonNode parent, JsonNode value, String pointer)
            throws SchemaRefusedException {
        String here = pointer(pointer, "additionalProperties");
        SchemaNode others = child(value, here);
        boolean none = value.isBoolean() && !value.booleanValue();
        Set<String> known = new HashSet<>();
        parent.path("properties").fieldNames().forEachRemaining(known::add);
        List<Expression> expressions = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : parent.path("patternProperties").properties()) {
            expressions.add(expression(each.getKey(), here));
        }
        schema.add((data, at, check) -> {
            boolean fits = true;
            for (Map.Entry<String, JsonNode> member : data.properties()) {
                String name = member.getKey();
                check.step(1);
                if (known.contains(name) || expressions.stream().anyMatch(each -> each.finds(name, check))) {
                    continue;
                }
                if (none) {
                    return check.fault(at, "additionalProperties", "has a member that the schema does not allow");
                }
                fits &= others.check(member.getValue(), at.unnamedMember(), check);
            }
            return fits;
        });
    }

    private static void propertyNames(SchemaNode schema, SchemaNode names) {
        schema.add((data, at, check) -> {
            for (Map.Entry<String, JsonNode> member : data.properties()) {
                JsonNode name = TextNode.valueOf(member.getKey());
                if (!check.fits(names, name, at)) {
                    return check.fault(at, "propertyNames", "has a member whose name the schema does not allow");
                }
            }
            return true;
        });
    }

    private static void dependentRequired(SchemaNode schema, JsonNode value, String here)
            throws SchemaRefusedException {
        for (Map.Entry<String, JsonNode> each : value.properties()) {
            List<String> needed = names(each.getValue(), pointer(here, each.getKey()));
            schema.add((data, at, check) ->
                    !data.has(each.getKey()) || hasAll(data, needed, at, check, "dependentRequired"));
        }
    }

    private void dependentSchemas(SchemaNode schema, JsonNode value, String here) throws SchemaRefusedException {
        for (Map.Entry<String, JsonNode> each : value.properties()) {
            SchemaNode then = inPlace(schema, each.getValue(), here, each.getKey());
            schema.add((data, at, check) -> !data.has(each.getKey()) || then.check(data, at, check));
        }
    }

    private void combination(SchemaNode schema, String name, JsonNode value, String here)
            throws SchemaRefusedException {
        List<SchemaNode> parts = new ArrayList<>();
        for (JsonNode part : array(value, here)) {
            parts.add(inPlace(schema, part, here, Integer.toString(parts.size())));
        }
        if (parts.isEmpty()) {
            throw refused(here, "is empty", "give it a schema");
        }
        schema.add(
                switch (name) {
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
                });
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

    private static void not(SchemaNode schema, SchemaNode refused) {
        schema.add((data, at, check) ->
                !check.fits(refused, data, at) || check.fault(at, "not", "must not fit the schema of 'not'"));
    }

    private void condition(SchemaNode schema, JsonNode parent, JsonNode value, String pointer)
            throws SchemaRefusedException {
        SchemaNode condition = inPlace(schema, value, pointer, "if");
        SchemaNode then = parent.has("then") ? inPlace(schema, parent.get("then"), pointer, "then") : null;
        SchemaNode otherwise = parent.has("else") ? inPlace(schema, parent.get("else"), pointer, "else") : null;
        schema.add((data, at, check) -> {
            SchemaNode chosen = check.fits(condition, data, at) ? then : otherwise;
            return chosen == null || chosen.check(data, at, check);
        });
    }

    private void resolve(Reference reference) throws SchemaRefusedException {
        String text = reference.target();
        if (!text.startsWith("#")) {
            throw refused(
                    reference.pointer(),
                    "refers to another document",
                    "put that schema under $defs and refer to it by #/$defs/name");
        }
        String target = decoded(text.substring(1), reference.pointer());
        if (OTHER_ESCAPE.matcher(target).find()) {
            throw refused(reference.pointer(), "is no JSON Pointer", "write ~0 for ~ and ~1 for /");
        }
        String pointer = target.isEmpty() || target.startsWith("/") ? target : anchors.get(target);
        SchemaNode known = pointer == null ? null : byPointer.get(pointer);
        if (known == null
                && pointer != null
                && !at(pointer, reference.pointer()).isMissingNode()) {
            known = schema(at(pointer, reference.pointer()), pointer);
        }
        if (known == null) {
            throw refused(reference.pointer(), "refers to what is not there", "refer to a schema under $defs");
        }
        targets.put(text, parts.get(pointer));
        SchemaNode found = known;
        reference.from().addInPlace(found);
        reference.from().add(found::check);
    }

    private JsonNode at(String pointer, String place) throws SchemaRefusedException {
        try {
            return document.at(JsonPointer.compile(pointer));
        } catch (IllegalArgumentException e) {
            throw refused(place, "is no JSON Pointer", "write #/$defs/name");
        }
    }

    private static String decoded(String fragment, String place) throws SchemaRefusedException {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw refused(place, "is no reference", "write #/$defs/name");
        }
    }

    /** How many schemas apply to one value, one within the other. */
    private static int checkChain(String pointer, SchemaNode schema, Map<SchemaNode, Integer> chains)
            throws SchemaRefusedException {
        Integer known = chains.get(schema);
        if (known != null && known < 0) {
            throw refused(
                    pointer, "applies itself to the same value without end", "refer to it from within a property");
        }
        if (known != null) {
            return known;
        }
        chains.put(schema, -1);
        int longest = 0;
        for (SchemaNode inner : schema.inPlace()) {
            longest = Math.max(longest, 1 + checkChain(pointer, inner, chains));
        }
        if (longest > LONGEST_CHAIN) {
            throw refused(
                    pointer,
                    "combines more than " + LONGEST_CHAIN + " schemas one within the other",
                    "refer to it directly");
        }
        chains.put(schema, longest);
        return longest;
    }
}
