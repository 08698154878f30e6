package io.engagementwebhooks.webhook.jq;

import java.util.List;
import java.util.Random;

/** Random jq programs and inputs. A seed gives the same ones each time. */
final class ProgramGenerator {

    private static final List<String> REGEXES =
            List.of("a", "[0-9]+", "(?<x>[a-z])", "^a|b$", "\\\\w+", "(a)(b)?", "\\\\s*,\\\\s*", "[^a-c]", "é|ü");

    private final Random random;
    private int names;

    ProgramGenerator(long seed) {
        this.random = new Random(seed);
    }

    private String any(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** An input: an object whose fields a to e hold values of all types. */
    String input() {
        StringBuilder fields = new StringBuilder();
        for (String field : List.of("a", "b", "c", "d", "e")) {
            fields.append(",\"").append(field).append("\":").append(json(2));
        }
        return "{\"n\":" + random.nextInt(20) + ",\"t\":" + text() + ",\"l\":[" + json(1) + "," + json(1) + "]" + fields
                + "}";
    }

    private String json(int depth) {
        return switch (random.nextInt(depth == 0 ? 5 : 8)) {
            case 0 -> "null";
            case 1 -> any("true", "false");
            case 2 -> String.valueOf(random.nextInt(30) - 5);
            case 3 -> any("0.5", "-1.25", "3.0", "1e3", "100000");
            case 4 -> text();
            case 5 -> "[" + json(depth - 1) + "," + json(depth - 1) + "]";
            case 6 -> any("[]", "{}");
            default -> "{\"a\":" + json(depth - 1) + ",\"b\":" + json(depth - 1) + "}";
        };
    }

    private String text() {
        return any("\"\"", "\"a\"", "\"b c\"", "\"a1,b22\"", "\"Été\"", "\"x\\\"y\"", "\"10\"", "\"aab\"");
    }

    /** A program that collects all results of a filter. */
    String program() {
        return "[" + value(3) + "]";
    }

    /** Mostly of the given type; sometimes of another, so that errors are compared too. */
    private String value(int depth) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> number(depth);
            case 2 -> string(depth);
            case 3, 4 -> array(depth);
            case 5 -> object(depth);
            case 6 -> bool(depth);
            default -> path();
        };
    }

    private String path() {
        return any(
                        ".a",
                        ".b",
                        ".c[0]",
                        ".d.a",
                        ".e[]?",
                        ".l[0]",
                        ".l[-1]",
                        ".",
                        ".a?",
                        ".t[1:]",
                        ".l[:1]",
                        ".[\"b\"]",
                        "..")
                + any("", "", "", " // 1", " // empty");
    }

    private String number(int depth) {
        if (depth == 0 || random.nextInt(10) == 0) {
            return any("1", "2", "-3", "0.5", "10", ".n", "(.n + 1)", "100", random.nextInt(9) == 0 ? value(0) : "7");
        }
        int d = depth - 1;
        int name = ++names;
        return switch (random.nextInt(16)) {
            case 0, 1 -> "(" + number(d) + any(" + ", " - ", " * ", " / ", " % ") + number(d) + ")";
            case 2 -> "(" + value(d) + " | length)";
            case 3 ->
                "([" + number(d) + ", " + number(d) + "] | " + any("add", "min", "max", "length", "first", "last")
                        + ")";
            case 4 ->
                "(" + number(d) + " | "
                        + any("floor", "ceil", "select(isnan | not) | round", "sqrt", "tostring | tonumber", "-.")
                        + ")";
            case 5 -> "(reduce " + array(d) + "[] as $x (0; . + " + any("1", "($x | length)") + "))";
            case 6 -> "(if " + bool(d) + " then " + number(d) + " else " + number(d) + " end)";
            case 7 -> "((" + number(d) + ") as $v" + name + " | $v" + name + " * 2)";
            case 8 -> "(def f" + name + ": " + number(d) + "; f" + name + ")";
            case 9 -> "(def g" + name + "(h; $x): h + $x; g" + name + "(" + number(d) + "; " + number(d) + "))";
            case 10 -> "(" + string(d) + " | " + any("index(\"a\")", "rindex(\"a\")", "length", "utf8bytelength") + ")";
            case 11 -> "(" + value(d) + " // " + number(d) + ")";
            case 12 -> "(range(3), " + number(d) + ")";
            case 13 -> "pow(" + number(d) + "; 2)";
            case 14 -> "(" + array(d) + " | first(.[]?, 1))";
            default -> "(" + value(d) + " | numbers)";
        };
    }

    private String string(int depth) {
        if (depth == 0 || random.nextInt(10) == 0) {
            return any(".t", text(), "(.n | tostring)", text());
        }
        int d = depth - 1;
        String regex = "\"" + REGEXES.get(random.nextInt(REGEXES.size())) + "\"";
        return switch (random.nextInt(14)) {
            case 0 -> "(" + string(d) + " + " + string(d) + ")";
            case 1 ->
                "(" + value(d) + " | " + any("tostring", "tojson", "type", "@text", "@json", "@html", "@base64") + ")";
            case 2 -> "\"<\\(" + value(d) + " | tostring)-\\(" + string(d) + ")>\"";
            case 3 ->
                "(" + string(d) + " | "
                        + any(
                                "ascii_upcase",
                                "ascii_downcase",
                                "ltrimstr(\"a\")",
                                "rtrimstr(\"b\")",
                                "explode | implode")
                        + ")";
            case 4 -> "(" + array(d) + " | join(" + any("\"-\"", "\"\"", "null") + "))";
            case 5 -> "(" + string(d) + " | sub(" + regex + "; \"[\" + (.x // \"_\") + \"]\"))";
            case 6 ->
                "(" + string(d) + " | gsub(\"" + any("a", "[0-9]", "(?<x>[a-z])", "é|ü", "b")
                        + "\"; (.x // \"_\") + \"+\"))";
            case 7 -> "(" + string(d) + ")[" + any("1:", ":2", "-2:", "1:-1", "5:9") + "]";
            case 8 -> "(" + string(d) + " * " + any("0", "1", "2", "3") + ")";
            case 9 -> "(" + array(d) + " | " + any("@csv", "@tsv", "@sh", "tojson") + ")";
            case 10 ->
                "@" + any("csv", "tsv", "sh", "html", "base64", "json", "text") + " \"\\([" + string(d) + "]"
                        + any("", " | .[0]") + ")\"";
            case 11 -> "(" + string(d) + " | match(" + regex + ") | .string)";
            case 12 -> "[try error(" + any(".t", ".a", "{a: 1}") + ") catch .][0]";
            default -> "(" + value(d) + " | strings)";
        };
    }

    private String array(int depth) {
        if (depth == 0 || random.nextInt(10) == 0) {
            return any(".l", "[1, 2]", "[]", "[3, \"a\", null]", "[.a, .b]", "[.[]]");
        }
        int d = depth - 1;
        int name = ++names;
        return switch (random.nextInt(24)) {
            case 0 -> "[" + value(d) + ", " + value(d) + "]";
            case 1 -> "(" + array(d) + " | map(" + value(d) + "))";
            case 2 ->
                "(" + array(d) + " | " + any("sort", "unique", "reverse", "to_entries", "keys", "flatten", "add // []")
                        + ")";
            case 3 -> "(" + array(d) + any(" + ", " - ") + array(d) + ")";
            case 4 ->
                "(" + array(d) + " | " + any("sort_by", "group_by", "unique_by") + "("
                        + any("type", "length?", ".a?", ".") + "))";
            case 5 ->
                "[" + array(d) + " | .[] | "
                        + any(
                                "numbers",
                                "strings",
                                "scalars",
                                "iterables",
                                "nulls",
                                "values",
                                "objects",
                                "arrays",
                                "booleans")
                        + "]";
            case 6 -> "[range(" + any("3", "2; 5", "5; 1; -2", "0; 1; 0.5") + ")]";
            case 7 ->
                "(" + string(d) + " | "
                        + any(
                                "split(\",\")",
                                "split(\"\")",
                                "explode",
                                "[match(\"a\"; \"g\").offset]",
                                "[scan(\"[a-z]\")]",
                                ". / \",\"")
                        + ")";
            case 8 ->
                "[" + value(d) + " | "
                        + any("paths(type == \"number\")", "leaf_paths", "path(..)", "path(.a?)", "path(.[]?)")
                        + "]";
            case 9 -> "[" + value(d) + " | getpath([\"a\"]" + any(", [\"a\", \"b\"]", ", [0]", "") + ")?]";
            case 10 -> "(" + array(d) + " | .[" + any("1:", ":1", "-1:", "1:5") + "])";
            case 11 ->
                "(" + array(d) + " | "
                        + any(
                                "del(.[0])",
                                "del(.[0, 1])",
                                "del(.[1:])",
                                "delpaths([[0]])",
                                ".[0] = 9",
                                ".[3] = 1",
                                ".[1:] = [7]",
                                "map(.)")
                        + ")";
            case 12 ->
                "(" + array(d) + " | (.[] | " + any("numbers", "strings") + ") |= " + any("tostring", "[.]") + ")";
            case 13 -> "[foreach " + array(d) + "[] as $x (0; . + 1; [., $x])]";
            case 14 -> "[" + array(d) + " | .[]? | (.a?, .[0]?)]";
            case 15 -> "[recurse(if . < 3 then . + 1 elif . < 4 then . + 1, error else empty end; . != null)?]";
            case 16 -> "([" + array(d) + ", " + array(d) + "] | transpose)";
            case 17 ->
                "[" + number(d) + " | "
                        + any(
                                "until(. > 5; . + 2)",
                                "while(. < 4 and . > -9; . + 1)",
                                "limit(2; ., 1)",
                                "[.] | combinations?")
                        + "]";
            case 18 -> "([" + array(d) + ", [1, 2]] | [combinations])";
            case 19 -> "[(" + value(d) + ") as [$p, {a: $q}] | $p, $q]";
            case 20 ->
                "[.[] | try (" + any("tonumber", "length", ".a", "keys", "ascii_downcase", "tojson | fromjson")
                        + ") catch \"e\"]";
            case 21 -> "(" + array(d) + " | indices(" + any("1", "[1]", "\"a\"", "null") + "))";
            case 22 ->
                "[" + array(d) + " as $y" + name + " | label $o" + name + " | $y" + name
                        + "[] | ., (if . == 2 then break $o" + name + " else empty end)]";
            default -> "(" + array(d) + " | [limit(2; .[]), first(.[]?), nth(0), last])";
        };
    }

    private String object(int depth) {
        if (depth == 0 || random.nextInt(10) == 0) {
            return any(".", "{}", "{a: 1}", "{a: .a, b: {a: .b}}", "{n: .n, t: .t}", "{\"x y\": 1, \"b\": 2}");
        }
        int d = depth - 1;
        return switch (random.nextInt(16)) {
            case 0 -> "{a: " + value(d) + ", \"b\": " + value(d) + "}";
            case 1 -> "{(" + string(d) + "): " + value(d) + "}";
            case 2 -> "(" + object(d) + any(" + ", " * ") + object(d) + ")";
            case 3 ->
                "(" + object(d) + " | with_entries("
                        + any("select(.value != null)", ".value |= tojson", ".key |= ascii_upcase") + "))";
            case 4 -> "(" + object(d) + " | del(" + any(".a", ".a, .b", ".a.b?", ".[\"t\"]", ".l[0]?", ".l[]?") + "))";
            case 5 ->
                "(" + object(d) + " | .a " + any("=", "+=", "//=", "*=") + " (" + value(0) + ") | .b |= " + string(0)
                        + ")";
            case 6 -> "(" + object(d) + " | map_values(" + any("tojson", "type", ".", "[.]") + "))";
            case 7 ->
                "(" + object(d) + " | setpath(" + any("[\"a\", \"z\"]", "[\"k\"]", "[]", "[\"l\", 1]") + "; " + value(d)
                        + "))";
            case 8 -> "(" + object(d) + " | to_entries | from_entries)";
            case 9 ->
                "{a: (" + array(d)
                        + " | walk(if type == \"number\" then . + 1 elif type == \"object\" then length else . end))}";
            case 10 -> "(" + object(d) + " as {a: $p, $b} | {p: $p, $b})";
            case 11 -> "(" + object(d) + " | pick(.a" + any("", ".b?", ", .b") + "))";
            case 12 -> "(" + object(d) + " | (.. | numbers) |= . + 1)";
            case 13 -> "(" + object(d) + " | .x.y += 1 | .l2[1] = 2)";
            case 14 -> "(" + value(d) + " | objects)";
            default -> "(reduce (" + object(d) + " | keys[]) as $k ({}; .[$k] = (" + number(d) + ")))";
        };
    }

    private String bool(int depth) {
        if (depth == 0 || random.nextInt(10) == 0) {
            return any("true", "false", "(.n > 5)", "(.t == \"a\")");
        }
        int d = depth - 1;
        return switch (random.nextInt(14)) {
            case 0 -> "(" + value(d) + any(" == ", " != ", " < ", " <= ", " > ", " >= ") + value(d) + ")";
            case 1 -> "(" + number(d) + any(" == ", " < ", " >= ") + number(d) + ")";
            case 2 ->
                "(" + bool(d) + any(" and " + bool(d) + " and ", " or " + bool(d) + " or ", " and ", " or ") + bool(d)
                        + ")";
            case 3 -> "(" + value(d) + " | not)";
            case 4 ->
                "(" + array(d) + " | " + any("any", "all", "any(. == 1)", "all(. != null)", "any(.[]; . > 1)") + ")";
            case 5 -> "(" + object(d) + " | has(" + any("\"a\"", "\"zz\"") + "))";
            case 6 -> "(" + array(d) + " | has(" + any("0", "5") + "))";
            case 7 ->
                "(" + string(d) + " | "
                        + any("startswith(\"a\")", "endswith(\"b\")", "contains(\"a\")", "inside(\"xaab\")") + ")";
            case 8 ->
                "(" + string(d) + " | test(\"" + REGEXES.get(random.nextInt(REGEXES.size())) + "\""
                        + any("", "; \"i\"", "; null") + "))";
            case 9 -> "(" + array(d) + " | contains(" + any("[1]", "[]", "[\"a\"]") + "))";
            case 10 -> "(" + object(d) + " | contains({a: 1}))";
            case 11 -> "(\"a\" | in(" + object(d) + "))";
            case 12 -> "(" + number(d) + " | " + any("isnan", "isinfinite", "isnormal", "isfinite") + ")";
            default -> "(" + value(d) + " == null)";
        };
    }
}
