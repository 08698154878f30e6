package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Output;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;

/**
 * The replacement step of jq's {@code sub} and {@code gsub}: each match is replaced by the result for its named groups.
 * Several results give a text for each combination.
 */
final class JqSubstitution {

    private final JqBudget budget;
    private final List<JsonNode> pieces;

    /** @param pieces alternating texts and matches, as {@link JqRegexes#pieces} gives them */
    JqSubstitution(JqBudget budget, List<JsonNode> pieces) {
        this.budget = budget;
        this.pieces = pieces;
    }

    void apply(Scope scope, Expression replacement, Output output) throws JsonQueryException {
        List<List<String>> choices = new ArrayList<>();
        for (JsonNode piece : pieces) {
            choices.add(piece.isTextual() ? List.of(piece.textValue()) : replacements(scope, replacement, piece));
        }
        if (choices.stream().noneMatch(List::isEmpty)) {
            combine(choices, new int[choices.size()], output);
        }
    }

    private static List<String> replacements(Scope scope, Expression replacement, JsonNode groups)
            throws JsonQueryException {
        List<String> results = new ArrayList<>();
        replacement.apply(scope, groups, result -> {
            if (!result.isTextual()) {
                throw new JsonQueryException("%s cannot replace a match: it is not a text", result);
            }
            results.add(result.textValue());
        });
        return results;
    }

    private void combine(List<List<String>> choices, int[] chosen, Output output) throws JsonQueryException {
        do {
            budget.work(64L + choices.size());
            long length = 0;
            for (int i = 0; i < chosen.length; i++) {
                length += choices.get(i).get(chosen[i]).length();
            }
            budget.reserveText(length);
            StringBuilder text = new StringBuilder((int) length);
            for (int i = 0; i < chosen.length; i++) {
                text.append(choices.get(i).get(chosen[i]));
            }
            output.emit(TextNode.valueOf(text.toString()));
        } while (next(choices, chosen));
    }

    private static boolean next(List<List<String>> choices, int[] chosen) {
        for (int i = 0; i < chosen.length; i++) {
            if (++chosen[i] < choices.get(i).size()) {
                return true;
            }
            chosen[i] = 0;
        }
        return false;
    }
}
