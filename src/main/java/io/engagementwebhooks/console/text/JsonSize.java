package io.engagementwebhooks.console.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;

/** Decides whether JSON is shown folded: a folded page takes up to a hundred times the bytes of the document. */
public final class JsonSize {

    private static final int MOST_NODES = 1_000;
    private static final int MOST_DEPTH = 32;

    private record Level(JsonNode node, int depth) {}

    private JsonSize() {}

    /** @return false: too many values, or nested too deeply */
    public static boolean folds(JsonNode node) {
        Deque<Level> open = new ArrayDeque<>();
        open.push(new Level(node, 0));
        int nodes = 1;
        while (!open.isEmpty()) {
            Level level = open.pop();
            nodes += level.node().size();
            if (nodes > MOST_NODES || level.depth() > MOST_DEPTH) {
                return false;
            }
            for (JsonNode child : level.node()) {
                if (child.isContainerNode()) {
                    open.push(new Level(child, level.depth() + 1));
                }
            }
        }
        return true;
    }
}
