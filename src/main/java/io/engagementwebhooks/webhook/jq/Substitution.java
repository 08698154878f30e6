package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The replacement step of jq's {@code sub} and {@code gsub}: each match is replaced by the result for its named groups.
 * Several results give a text for each combination.
 */
final class Substitution {

    private final Budget budget;
    private final List<JsonNode> pieces;

    /** @param pieces alternating texts and matches, as {@link Regexes.Search#pieces} gives them */
    Substitution(Budget budget, List<JsonNode> pieces) {
        this.budget = budget;
        this.pieces = pieces;
    }

    void run(Env env, Filter replacement, Filter.Output out) {
        List<List<String>> choices = new ArrayList<>();
        for (JsonNode piece : pieces) {
            choices.add(piece.isTextual() ? List.of(piece.textValue()) : replacements(env, replacement, piece));
        }
        if (choices.stream().noneMatch(List::isEmpty)) {
            combine(choices, new int[choices.size()], out);
        }
    }

    private static List<String> replacements(Env env, Filter replacement, JsonNode groups) {
        List<String> results = new ArrayList<>();
        replacement.values(env, groups, result -> {
            if (!result.isTextual()) {
                throw new JqError("%s cannot replace a match: it is not a text", result);
            }
            results.add(result.textValue());
        });
        return results;
    }

    private void combine(List<List<String>> choices, int[] chosen, Filter.Output out) {
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
            out.emit(TextNode.valueOf(text.toString()), null);
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
