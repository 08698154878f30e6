package io.engagementwebhooks.webhook.schema;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/** Compiles the regular expressions of one schema, within bounds for all of them. For one use. */
final class Expressions {

    private static final int MOST = 100;

    /** Characters of one. */
    private static final int LONGEST = 1_000;

    /** Instructions of all together. */
    private static final int LARGEST_PROGRAMS = 5_000;

    private int compiled;
    private int programs;

    /** A regular expression with what it costs. */
    record Expression(Pattern pattern, int size) {

        boolean finds(String text, SchemaCheck check) {
            check.step(1 + (long) text.length() * size / 2);
            return pattern.matcher(text).find();
        }
    }

    /** @param part the place of the expression */
    Expression compile(String text, SchemaPart part) throws SchemaRefusedException {
        if (++compiled > MOST) {
            throw part.refused("is one regular expression too many", "at most " + MOST + " in a schema");
        }
        if (text.length() > LONGEST) {
            throw part.refused("is a long regular expression", "at most " + LONGEST + " characters");
        }
        ExpressionSize bound = new ExpressionSize(text, LARGEST_PROGRAMS - programs);
        if (!bound.isBounded()) {
            throw part.refused(
                    "is too much for the regular expressions of one schema",
                    "repeat less often, such as {1,20}, and quote single characters only");
        }
        try {
            Pattern pattern = Pattern.compile(text);
            programs += (int) Math.max(bound.size(), pattern.programSize());
            return new Expression(pattern, pattern.programSize());
        } catch (PatternSyntaxException e) {
            throw part.refused(
                    "is no regular expression that is taken: " + e.getDescription(),
                    "write it as RE2 has it, without back-references and lookaround");
        }
    }
}
