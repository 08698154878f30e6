package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The last deliveries of a webhook as a small picture that the server draws: a bar each, the newest at the right. How they
 * ended is told by height as well as by colour. Immutable.
 *
 * @param bars the oldest first
 * @param words the same for who does not see it
 */
record Sparkline(List<Bar> bars, String words) {

    static final int HEIGHT = 16;
    private static final int STEP = 6;

    /** Of how many deliveries there is room; fewer stand at the right. */
    private static final int MOST = 12;

    static final int WIDTH = MOST * STEP;

    /** A bar. @param outcome its CSS class */
    record Bar(int x, int height, String outcome) {

        int y() {
            return HEIGHT - height;
        }
    }

    /** @param outcomes as the API tells them, the oldest first */
    static Sparkline of(JsonNode outcomes) {
        List<Bar> bars = new ArrayList<>();
        int delivered = 0;
        int from = Math.max(0, outcomes.size() - MOST);
        for (int i = from; i < outcomes.size(); i++) {
            String outcome = outcomes.get(i).asText();
            delivered += outcome.equals("delivered") ? 1 : 0;
            bars.add(new Bar(WIDTH - STEP * (outcomes.size() - i), height(outcome), outcome));
        }
        return new Sparkline(bars, "The last " + bars.size() + ": " + delivered + " delivered");
    }

    private static int height(String outcome) {
        return switch (outcome) {
            case "delivered" -> HEIGHT;
            case "try-later", "waiting" -> HEIGHT / 2;
            default -> HEIGHT / 4;
        };
    }
}
