package io.engagementwebhooks.api.webhook;

import java.util.ArrayList;
import java.util.List;

/** Splits a condition, a jq program, into its parts. */
public final class ConditionParts {

    private ConditionParts() {}

    /**
     * The parts between an operator outside of strings and parentheses.
     *
     * @param operator with the spaces around it
     */
    public static List<String> of(String program, String operator) {
        List<String> terms = new ArrayList<>();
        int depth = 0;
        int from = 0;
        boolean quoted = false;
        for (int i = 0; i < program.length(); i++) {
            char c = program.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            } else if (depth == 0 && program.startsWith(operator, i)) {
                terms.add(program.substring(from, i));
                from = i + operator.length();
                i = from - 1;
            }
        }
        terms.add(program.substring(from));
        return terms;
    }
}
